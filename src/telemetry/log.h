// One line per event, JSON or text, on standard error. Never a payload, never a secret.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace sluice::telemetry {

enum class Level : std::uint8_t { debug, info, warn, error };
inline constexpr std::array kAllLevels{Level::debug, Level::info, Level::warn, Level::error};
std::string_view to_string(Level level);
// The level of that name; nullopt where there is none.
std::optional<Level> level_named(std::string_view name);

// Every event that is ever logged; its name in the log is the enumerator's. Closed list, so that
// a search for an event finds its one meaning and its fields (event_list.cc) and its one place.
enum class Event : std::uint8_t {
  service_started,
  service_stopping,
  service_stopped,
  configuration_warning,
  configuration_reloaded,
  configuration_refused,
  pipeline_started,
  pipeline_stalled,
  pipeline_flowing,
  partitions_assigned,
  partitions_revoked,
  partitions_lost,
  partitions_unowned,
  kafka_error,
  kafka_log,
  commit_failed,
  commit_metadata_limited,
  finished_records_forgotten,
  request_failed,
  batch_bisected,
  record_dead_lettered,
  record_dropped,
  dead_letter_failed,
  breaker_opened,
  breaker_closed,
  refusal_guard_closed,
  credential_offered,
  credential_changed,
  credential_refused,
  token_failed,
  credential_rolled_back,
  memory_tight,
  log_lines_lost,
  admin_listening,
  admin_action,
  admin_action_refused,
};
std::string_view to_string(Event event);

struct Field {
  Field(std::string_view key, std::string_view value) : name(key), text(value) {}
  Field(std::string_view key, const char* value) : name(key), text(value) {}
  Field(std::string_view key, const std::string& value) : name(key), text(value) {}
  Field(std::string_view key, std::int64_t value)
      : name(key), text(std::to_string(value)), number(true) {}
  Field(std::string_view key, std::uint64_t value)
      : name(key), text(std::to_string(value)), number(true) {}
  Field(std::string_view key, std::int32_t value) : Field(key, std::int64_t{value}) {}
  Field(std::string_view key, std::uint32_t value) : Field(key, std::uint64_t{value}) {}

  std::string name;
  std::string text;
  bool number = false;
};

// Since the start.
struct LogCounts {
  std::array<std::uint64_t, kAllLevels.size()> lines{};  // by level
  std::uint64_t held_back = 0;                           // counted instead of written
};

// Thread-safe. Control characters in values are escaped, so no value can forge a line.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(Level level, Event event, const std::vector<Field>& fields) = 0;
  // From now on; a log without levels has all.
  virtual void set_level(Level /*least*/) {}
  virtual Level level() const { return Level::debug; }
  // Called now and then: lines that could not be written at once need not wait for the next one.
  virtual void flush() {}
  // Before the process ends: nothing is kept for later any more.
  virtual void finish() { flush(); }
  virtual LogCounts counts() const { return {}; }
};

struct LogOptions {
  Level level = Level::info;
  bool json = true;
};

// Writes to standard error, and never waits for it: what a full pipe or disk does not take is kept,
// up to 256 KiB, and what is lost beyond that is counted in a line of its own.
std::unique_ptr<Log> make_log(const LogOptions& options, const Clock& clock);

// The line of one event, without the line break; what make_log writes.
std::string format_line(const LogOptions& options, WallTime when, Level level, Event event,
                        const std::vector<Field>& fields);

}  // namespace sluice::telemetry
