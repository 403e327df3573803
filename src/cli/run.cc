#include "cli/run.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>

#include "base/version.h"
#include "check/lint.h"
#include "cli/cli.h"
#include "cli/service.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "config/loader.h"
#include "kafka/options.h"
#include "telemetry/log.h"

namespace sluice::cli {
namespace {

telemetry::LogOptions log_options(const config::Log& log) {
  telemetry::LogOptions options;
  switch (log.level) {
    case config::LogLevel::debug:
      options.level = telemetry::Level::debug;
      break;
    case config::LogLevel::info:
      options.level = telemetry::Level::info;
      break;
    case config::LogLevel::warn:
      options.level = telemetry::Level::warn;
      break;
    case config::LogLevel::error:
      options.level = telemetry::Level::error;
      break;
  }
  options.json = log.format == config::LogFormat::json ||
                 (log.format == config::LogFormat::automatic && ::isatty(STDERR_FILENO) == 0);
  return options;
}

// SIGHUP asks for a reload, not for an end.
std::optional<int> wait_to_stop(const Signals& signals, Duration wait, telemetry::Log& log) {
  const auto signal = signals.wait(wait);
  log.flush();
  if (signal != SIGHUP) return signal;
  log.write(telemetry::Level::warn, telemetry::Event::configuration_warning,
            {{"detail", "SIGHUP: the configuration cannot be reloaded yet; restart instead"}});
  return std::nullopt;
}

void wait_until_stopped(Service& service, const Signals& signals, Duration timeout,
                        const Clock& clock, telemetry::Log& log) {
  const Instant deadline = clock.now() + timeout;
  while (!service.stopped()) {
    if (wait_to_stop(signals, std::chrono::milliseconds(20), log)) {
      log.write(telemetry::Level::warn, telemetry::Event::service_stopped,
                {{"detail", "second signal: left at once; what was not committed is read again"}});
      leave_at_once(kFailed);
    }
    if (clock.now() < deadline) continue;
    log.write(telemetry::Level::warn, telemetry::Event::service_stopped,
              {{"detail", "shutdown_timeout is over; what was not committed is read again"}});
    leave_at_once(kFailed);
  }
}

// Nothing, when it has said what is wrong.
std::optional<config::Config> load(const RunOptions& options, const Clock& clock) {
  auto config = config::load_file(options.config_path,
                                  {options.allow_literal_secrets, kafka::library_version()});
  if (!config) {
    for (const auto& problem : config.error()) {
      std::fprintf(stderr, "%s\n", problem.text().c_str());
    }
    return std::nullopt;
  }
  const auto problems = check::lint(*config, clock);
  for (const auto& problem : problems) {
    std::fprintf(stderr, "%s: %s\n", options.config_path.c_str(), problem.text().c_str());
  }
  if (!problems.empty()) return std::nullopt;
  return std::move(*config);
}

// A log that nobody can read would hide everything that goes wrong from here on.
bool log_is_written() {
  if (std::ferror(stderr) == 0) return true;
  std::printf(
      "sluice: the log cannot be written to standard error; make room there, or send it elsewhere "
      "(2>FILE)\n");
  return false;
}

}  // namespace

int run(const RunOptions& options, const Clock& clock, std::uint64_t seed) {
  const Signals signals;
  auto config = load(options, clock);
  if (!config) return kBadInput;
  const Duration shutdown_timeout = config->shutdown_timeout;
  const auto log = telemetry::make_log(log_options(config->log), clock);
  log->write(telemetry::Level::info, telemetry::Event::service_started,
             {{"version", kVersion},
              {"librdkafka", kafka::library_version_text()},
              {"config", options.config_path}});
  if (!log_is_written()) return kFailed;
  auto service = Service::start(std::move(*config), clock, *log, seed);
  if (!service) {
    std::fprintf(stderr, "sluice: %s\n", service.error().text().c_str());
    leave_at_once(kFailed);  // workers may be running already
  }
  std::optional<int> signal;
  while (!signal) signal = wait_to_stop(signals, std::chrono::seconds(1), *log);
  log->write(telemetry::Level::info, telemetry::Event::service_stopping,
             {{"signal", *signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  (*service)->stop();
  wait_until_stopped(**service, signals, shutdown_timeout, clock, *log);
  log->write(telemetry::Level::info, telemetry::Event::service_stopped, {});
  leave_at_once(kOk);  // all is committed and left; a lookup that still waits would hold us up
}

}  // namespace sluice::cli
