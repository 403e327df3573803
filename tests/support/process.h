// Children of a test: any program, and Sluice itself. None outlives the test that started it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace sluice::test {

struct ExitStatus {
  int code = -1;                    // of a normal exit
  int signal = 0;                   // that ended it; 0: a normal exit
  std::chrono::microseconds cpu{};  // user and system
  std::uint64_t peak_rss_bytes = 0;
};

// Started by the constructor, killed (SIGKILL) and reaped by the destructor. Dies with the thread
// that made it, so make it on the test's main thread. Throws std::runtime_error.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> argv;           // argv[0] is looked up in PATH
    std::map<std::string, std::string> env;  // on top of ours
    std::filesystem::path out_file;          // standard output is appended here
    std::filesystem::path err_file;          // standard error; may be the same file
  };

  explicit ChildProcess(const Options& options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  // Nothing when it still runs after `timeout`. The status stays available.
  std::optional<ExitStatus> wait(std::chrono::milliseconds timeout);

 private:
  void reap();

  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<ExitStatus> status_;
};

std::string read_file(const std::filesystem::path& file);
// The last `lines` lines: what a failing test shows of a child's log.
std::string tail_of(const std::filesystem::path& file, std::size_t lines = 40);

// The path of the built `sluice`, or what $SLUICE_BINARY names: another build to be tried.
std::string sluice_binary();

struct SluiceOptions {
  std::map<std::string, std::string> env = {};  // on top of ours
  std::vector<std::string> prefix = {};  // what starts it, such as {"prlimit", "--nofile=64"}
  std::filesystem::path out_file = {};   // empty: a file of its own, as is the next one
  std::filesystem::path err_file = {};   // log() and what stands on it see only our own file
};

// `sluice run` on a configuration of its own.
class SluiceProcess {
 public:
  // `config` is the whole YAML text. For the calls below that ask the admin port it must say
  // `admin: {listen: "127.0.0.1:0"}` and `log: {format: json}`.
  explicit SluiceProcess(const std::string& config, const SluiceOptions& options = {});
  // Ends the test with SIGABRT where a line of the log is not as the list of events says.
  ~SluiceProcess();

  // What it reads when it reloads.
  void write_config(const std::string& config) const;
  pid_t pid() const { return child_->pid(); }
  bool running() { return child_->running(); }
  void signal(int number) {
    told_to_end_ |= number == SIGTERM || number == SIGINT;
    child_->signal(number);
  }
  // By signal(), in good order.
  bool was_told_to_end() const { return told_to_end_; }
  std::optional<ExitStatus> wait(std::chrono::milliseconds timeout) {
    return child_->wait(timeout);
  }

  // All that it wrote to standard error so far.
  std::string log() const;
  // The log lines of one event, oldest first.
  std::vector<std::string> events(const std::string& event) const;
  // False when fewer than `count` lines of that event came within `timeout`.
  bool wait_for_event(const std::string& event, std::chrono::milliseconds timeout,
                      std::size_t count = 1) const;

  // Waits for the admin port to be open. Throws with the log's tail when it never is.
  std::uint16_t admin_port();
  // It listens at another one now: the last that it told of.
  void forget_admin_port() { admin_port_ = 0; }
  // The body of GET `path` on the admin port, with any status; see `status_code`.
  std::string get(const std::string& path, int* status_code = nullptr);
  // The same of an action: POST `path`, with `token` where it is not empty.
  std::string post(const std::string& path, const std::string& token, int* status_code = nullptr);
  std::string metrics() { return get("/metrics"); }
  std::string status() { return get("/status"); }
  // The value of a sample as the exposition format writes it, such as
  // `sluice_records_total{pipeline="p"}`; nothing when there is no such sample.
  std::optional<double> metric(const std::string& sample);

 private:
  TempDir dir_;
  std::optional<ChildProcess> child_;
  std::uint16_t admin_port_ = 0;
  bool told_to_end_ = false;
};

}  // namespace sluice::test
