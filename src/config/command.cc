#include "config/command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "base/system_clock.h"
#include "base/wipe.h"
#include "config/values.h"

namespace sluice::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// Time left, as poll() takes it.
class Countdown {
 public:
  explicit Countdown(Duration length) : end_(clock_.now() + length) {}
  int milliseconds() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock_.now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
  }

 private:
  SystemClock clock_;
  Instant end_;
};

struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

// A child of its own process group and with fresh signal handling, so that it can be killed with
// all it started, and does not inherit what we block. 0 where it cannot be started.
pid_t spawn_shell(const std::string& command, int output) {
  SpawnSettings settings;
  posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&settings.actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&settings.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh";
  std::string flag = "-c";
  std::string script = command;
  std::array<char*, 4> arguments{shell.data(), flag.data(), script.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, "/bin/sh", &settings.actions, &settings.attributes,
                                arguments.data(), environ);
  return error == 0 ? child : 0;
}

enum class ReadEnd : std::uint8_t { end_of_output, too_long, time_up };

// Cuts `out` to what came. It has room for one byte more than is allowed, so that it never grows:
// a string that moves leaves a copy behind.
ReadEnd read_all(int fd, std::string& out, const Countdown& countdown) {
  std::size_t used = 0;
  while (const int left = countdown.milliseconds()) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, left) <= 0) continue;  // time up or a signal: the countdown decides
    const ssize_t got = ::read(fd, out.data() + used, out.size() - used);
    if (got < 0) continue;
    if (got == 0) {
      out.resize(used);
      return ReadEnd::end_of_output;
    }
    used += static_cast<std::size_t>(got);
    if (used == out.size()) return ReadEnd::too_long;
  }
  return ReadEnd::time_up;
}

constexpr int kTimeUp = -1;

// How the child ended, as a shell has it (a signal adds to 128), or kTimeUp.
int wait_for(pid_t child, const Countdown& countdown) {
  while (true) {
    // Looks without reaping: until it is reaped its process group cannot be another's.
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno != EINTR) return kTimeUp;
    } else if (info.si_pid == child) {
      return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    }
    if (countdown.milliseconds() == 0) return kTimeUp;
    ::poll(nullptr, 0, std::min(countdown.milliseconds(), 5));
  }
}

void kill_and_reap(pid_t child) {
  ::kill(-child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<Error> why_useless(ReadEnd end, int status, const CommandLimits& limits) {
  if (end == ReadEnd::too_long) {
    return Error{"wrote more than " + format_size(limits.output), "have it write the value alone"};
  }
  if (status == kTimeUp) {
    return Error{"was not done after " + format_duration(limits.timeout) + " and was killed",
                 "make the command faster or have it write a file"};
  }
  if (status != 0) {
    return Error{"ended with status " + std::to_string(status), "run the command by hand"};
  }
  return std::nullopt;
}

}  // namespace

Result<Secret> run_command(const std::string& command, const CommandLimits& limits) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail("cannot be run: " + std::string(std::strerror(errno)), "free some descriptors");
  }
  const Descriptor from_child(ends[0]);
  Descriptor to_us(ends[1]);
  const Countdown countdown(limits.timeout);
  const pid_t child = spawn_shell(command, to_us.get());
  to_us.reset();
  if (child == 0) return fail("cannot be started with /bin/sh", "see that /bin/sh exists");

  std::string output(limits.output + 1, '\0');
  const ReadEnd end = read_all(from_child.get(), output, countdown);
  const int status = end == ReadEnd::end_of_output ? wait_for(child, countdown) : kTimeUp;
  kill_and_reap(child);
  Secret secret{std::string(output)};
  wipe(output);
  if (auto error = why_useless(end, status, limits)) return tl::unexpected(std::move(*error));
  return secret;
}

}  // namespace sluice::config
