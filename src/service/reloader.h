// Brings another configuration, or other secrets, into a service that runs.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "admin/actions.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/loader.h"
#include "service/file_marks.h"
#include "service/loading.h"
#include "service/service.h"
#include "telemetry/log.h"

namespace sluice::service {

// One thread. It reads the configuration file when it is told to; and it looks once a second
// whether the files that secrets and TLS are read from changed, and then takes them from there,
// while everything else stays as it was read last. What cannot be used changes nothing and is
// logged.
class Reloader {
 public:
  static constexpr Duration kLook = std::chrono::seconds(1);

  struct Source {
    std::string path;
    config::LoadOptions options;
    Loaded loaded;  // what the service was started with
  };

  // `clock` and `log` outlive it. Nothing happens before start().
  Reloader(Source source, const Clock& clock, telemetry::Log& log);
  // Waits for what it is doing; a service that is to be stopped is stopped before.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // As it was read last.
  const config::Config& config() const { return source_.loaded.config; }
  // From now on; `service` outlives it.
  Result<void> start(Service& service);
  // Reads the file anew; returns at once. From any thread, also before start().
  void ask();
  // The same, and waits for what came of it, a minute at most.
  admin::ActionReply ask_and_wait();

 private:
  using Reply = admin::ActionReply;

  void run();
  Reply reload();
  void look_at_files();
  void watch();
  Reply refuse(const Complaints& complaints);
  void note(const std::string& done);

  Source source_;
  const Clock& clock_;
  telemetry::Log& log_;
  Service* service_ = nullptr;
  std::optional<FileWatch> files_;
  std::optional<Instant> again_at_;
  Complaints last_complaints_;  // of files; each is logged once

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::uint64_t asked_ = 0;
  std::uint64_t done_ = 0;
  Reply last_reply_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace sluice::service
