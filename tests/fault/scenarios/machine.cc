// The machine runs out of what Sluice needs of it: room for logs, descriptors.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "fault/outage.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/wall_time.h"
#include "support/eventually.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A pipe with a name and little room, that only we may read.
class Fifo {
 public:
  explicit Fifo(std::filesystem::path file) : file_(std::move(file)) {
    Trial::require(::mkfifo(file_.c_str(), 0600) == 0, "no pipe");
    open();
    Trial::require(::fcntl(fd_, F_SETPIPE_SZ, 8192) >= 0, "no small pipe");
  }
  ~Fifo() { close(); }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;

  const std::filesystem::path& file() const { return file_; }
  bool full() const {
    pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
    return ::poll(&room, 1, 0) == 0;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // There is a reader again.
  void open() {
    fd_ = ::open(file_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    Trial::require(fd_ >= 0, "the pipe does not open");
  }
  // Whether anybody reads it, asked as one who would write.
  bool has_reader() const {
    const int writer = ::open(file_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (writer >= 0) ::close(writer);
    return writer >= 0;
  }
  // All that is in it now.
  std::string read() const {
    std::string all;
    std::array<char, 4096> some{};
    for (;;) {
      const ssize_t size = ::read(fd_, some.data(), some.size());
      if (size <= 0) return all;
      all.append(some.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  const std::filesystem::path file_;
  int fd_ = -1;
};

// A small file system of its own, in memory.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path where) : where_(std::move(where)) {
    std::filesystem::create_directories(where_);
    Trial::require(::mount("none", where_.c_str(), "tmpfs", 0, "size=256k") == 0,
                   "cannot mount a small file system (this needs root)");
  }
  ~SmallDisk() { ::umount2(where_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  std::filesystem::path log() const { return where_ / "log"; }
  void fill() const {
    std::ofstream filler(where_ / "filler", std::ios::binary);
    const std::string block(1024, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void free() const { std::filesystem::remove(where_ / "filler"); }

 private:
  const std::filesystem::path where_;
};

// Worth some lines of the log.
void break_and_heal(Trial& trial) {
  const std::size_t before = trial.api().batch_count();
  trial.api().misbehave(always({.status = 503}));
  const auto refused = [&] { return trial.api().batch_count() >= before + 4; };
  Trial::require(test::eventually(refused, seconds(10)), "nothing is sent any more");
  trial.api().misbehave(nullptr);
  Trial::require(trial.flows(), "nothing flows any more, now that the log cannot be written");
}

void make_it_talk(Trial& trial, const std::function<bool()>& enough) {
  for (int round = 0; round < 20 && !enough(); ++round) break_and_heal(trial);
  Trial::require(enough(), "the log does not come to that");
}

void leave_the_log_unread(Run& run) {
  Trial trial(run, run.brokers, {.log_level = "debug"});
  Fifo log(run.dir / "log-pipe");
  trial.start({.out_file = log.file(), .err_file = log.file()});
  make_it_talk(trial, [&] { return log.full(); });
  for (int round = 0; round < 3; ++round) break_and_heal(trial);
  Trial::require(log.full(), "somebody has read the log");
  trial.finish();  // which ends it, too
}

std::size_t lines_between(const std::string& log, std::int64_t from_ms, std::int64_t to_ms) {
  const std::string before = R"({"time":")";
  const std::string from = before + utc_text(from_ms);
  const std::string to = before + utc_text(to_ms);
  std::istringstream lines(log);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += line > from && line < to ? 1 : 0;
  return count;
}

// What was said to nobody is kept and written when somebody reads again: so the writing failed.
void lose_the_reader(Run& run) {
  Trial trial(run, run.brokers, {.log_level = "debug"});
  Fifo log(run.dir / "log-pipe");
  trial.start({.out_file = log.file(), .err_file = log.file()});
  log.read();
  log.close();
  const std::int64_t gone_ms = now_ms();
  Trial::require(!log.has_reader(), "somebody else reads the log");
  for (int round = 0; round < 3; ++round) break_and_heal(trial);
  Trial::require(!log.has_reader(), "somebody has begun to read the log");
  const std::int64_t back_ms = now_ms();
  log.open();
  break_and_heal(trial);
  std::string late;
  const auto told = [&] { return lines_between(late += log.read(), gone_ms, back_ms) >= 3; };
  Trial::require(test::eventually(told, seconds(5)), "no line of the time without a reader comes");
  trial.note(std::to_string(lines_between(late, gone_ms, back_ms)) +
             " lines of the time without a reader came when there was one");
  trial.finish();
}

std::string contents(const std::filesystem::path& file) { return test::read_file(file); }

void fill_the_disk(Run& run) {
  Trial trial(run, run.brokers, {.log_level = "debug"});
  const SmallDisk disk(run.dir / "disk");
  trial.start({.env = {{"TMPDIR", "/proc"}}, .out_file = disk.log(), .err_file = disk.log()});
  disk.fill();
  std::string last = contents(disk.log());
  std::size_t same = 0;
  make_it_talk(trial, [&] {
    const std::string now = contents(disk.log());
    same = now.size() == last.size() ? same + 1 : 0;
    last = now;
    return same >= 3;  // outages and no line
  });
  disk.free();
  make_it_talk(trial, [&] { return contents(disk.log()).size() > last.size() + 4096; });
  std::istringstream lines(contents(disk.log()));
  for (std::string line; std::getline(lines, line) && !lines.eof();) {
    Trial::require(line.starts_with(R"({"time":")") && line.ends_with("}"),
                   "a line of the log is torn: " + line);
  }
  trial.finish();
}

// What the kernel lets it have from now on; what it has, it keeps.
void limit_descriptors(pid_t pid, rlim_t most) {
  rlimit limit{};
  ::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit);
  limit.rlim_cur = most;
  Trial::require(::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0, "prlimit refuses");
}

void take_descriptors_away(Run& run) {
  Trial trial(run, run.brokers);
  trial.start();
  const pid_t pid = trial.sluice().pid();
  rlimit before{};
  ::prlimit(pid, RLIMIT_NOFILE, nullptr, &before);
  // The connections it has are cut, so that it needs new ones.
  while_down(trial, [&] { limit_descriptors(pid, 3); });
  const std::size_t taken = trial.api().taken_count();
  std::this_thread::sleep_for(seconds(3));
  Trial::require(trial.api().taken_count() == taken, "it still has descriptors");
  Trial::require(trial.sluice().running(), "it did not survive");
  limit_descriptors(pid, before.rlim_cur);
  Trial::require(trial.flows(), "nothing flows after the limit is raised");
  trial.sluice().status();  // the admin port answers again
  trial.finish();
}

}  // namespace

std::vector<Scenario> machine_scenarios() {
  return {{.name = "log-unread",
           .weight = Weight::quick,
           .cases = {50},
           .what = "standard output and error are a full pipe that nobody reads; all goes on",
           .play = leave_the_log_unread},
          {.name = "log-reader-gone",
           .weight = Weight::full,
           .cases = {50},
           .what = "the reader of standard output and error is gone; all goes on",
           .play = lose_the_reader},
          {.name = "log-disk-full",
           .weight = Weight::full,
           .cases = {50},
           .what = "the disk of the log is full and then not; all goes on, no line is torn",
           .play = fill_the_disk},
          {.name = "descriptors-none",
           .weight = Weight::quick,
           .cases = {50},
           .what = "no more descriptors while running; waits, and goes on when there are",
           .play = take_descriptors_away}};
}

}  // namespace sluice::fault
