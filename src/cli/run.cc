#include "cli/run.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/version.h"
#include "cli/cli.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "kafka/options.h"
#include "service/reloader.h"
#include "service/service.h"
#include "telemetry/limited_log.h"
#include "telemetry/log.h"

namespace sluice::cli {
namespace {

telemetry::LogOptions log_options(const config::Log& log) {
  telemetry::LogOptions options;
  options.level = service::level_of(log.level);
  options.json = log.format == config::LogFormat::json ||
                 (log.format == config::LogFormat::automatic && ::isatty(STDERR_FILENO) == 0);
  return options;
}

// SIGHUP asks for a reload, not for an end.
std::optional<int> wait_to_stop(const Signals& signals, Duration wait, telemetry::Log& log,
                                service::Reloader& reloader) {
  const auto signal = signals.wait(wait);
  log.flush();
  if (signal != SIGHUP) return signal;
  reloader.ask();
  return std::nullopt;
}

void wait_until_stopped(service::Service& service, service::Reloader& reloader,
                        const Signals& signals, const Clock& clock, telemetry::Log& log) {
  const Instant deadline = clock.now() + service.shutdown_timeout();
  while (!service.stopped()) {
    const char* why = nullptr;
    if (wait_to_stop(signals, std::chrono::milliseconds(20), log, reloader)) {
      why = "second signal: left at once; what was not committed is read again";
    } else if (clock.now() >= deadline) {
      why = "shutdown_timeout is over; what was not committed is read again";
    }
    if (why == nullptr) continue;
    log.finish();
    log.write(telemetry::Level::warn, telemetry::Event::service_stopped, {{"detail", why}});
    leave_at_once(kFailed);
  }
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
  const config::LoadOptions how{options.allow_literal_secrets, kafka::library_version()};
  auto loaded = service::load(options.config_path, how, clock);
  if (!loaded) {
    for (const auto& line : loaded.error()) std::fprintf(stderr, "%s\n", line.c_str());
    return kBadInput;
  }
  const auto log =
      telemetry::limit_repeats(telemetry::make_log(log_options(loaded->config.log), clock), clock);
  log->write(telemetry::Level::info, telemetry::Event::service_started,
             {{"version", kVersion},
              {"librdkafka", kafka::library_version_text()},
              {"config", options.config_path}});
  if (!log_is_written()) return kFailed;
  service::Reloader reloader({options.config_path, how, std::move(*loaded)}, clock, *log);
  auto service = service::Service::start(reloader.config(), clock, *log, seed,
                                         [&reloader] { return reloader.ask_and_wait(); });
  const auto started = service ? reloader.start(**service) : tl::unexpected(service.error());
  if (!started) {
    log->finish();
    std::fprintf(stderr, "sluice: %s\n", started.error().text().c_str());
    leave_at_once(kFailed);  // workers may be running already
  }
  std::optional<int> signal;
  while (!signal) signal = wait_to_stop(signals, std::chrono::seconds(1), *log, reloader);
  log->write(telemetry::Level::info, telemetry::Event::service_stopping,
             {{"signal", *signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  (*service)->stop();
  wait_until_stopped(**service, reloader, signals, clock, *log);
  log->finish();
  log->write(telemetry::Level::info, telemetry::Event::service_stopped, {});
  leave_at_once(kOk);  // all is committed and left; a lookup that still waits would hold us up
}

}  // namespace sluice::cli
