// Topics on their way to one path of one target. Plain data; part of config.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/answers.h"
#include "config/sizes.h"

namespace sluice::config {

// Where a group without offsets begins.
enum class Start : std::uint8_t { earliest, latest, time };
enum class BodyFormat : std::uint8_t { json_array, ndjson, json };
enum class NullValues : std::uint8_t { skip, dead_letter, send_null };
enum class Oversized : std::uint8_t { reference, park };
enum class Order : std::uint8_t { partition, key, none };
enum class OnExhausted : std::uint8_t { dead_letter, drop, park };
enum class OnExpired : std::uint8_t { dead_letter, drop };

struct BatchLimits {
  std::uint32_t max_records = 500;
  std::size_t max_bytes = kMiB;
  Duration linger = std::chrono::milliseconds(100);
  bool operator==(const BatchLimits&) const = default;
};

struct Retry {
  Duration initial = std::chrono::milliseconds(200);
  Duration max = std::chrono::seconds(30);
  double multiplier = 2;
  std::uint32_t attempts = 10;  // counted only while neighbours are delivered
  bool operator==(const Retry&) const = default;
};

// Parks the pipeline once `share` of the last `of` records that the API judged were refused.
struct RefusalGuard {
  double share = 0.5;
  std::uint32_t of = 200;
  bool operator==(const RefusalGuard&) const = default;
};

struct DeadLetter {
  std::string topic;
  std::size_t max_bytes = kMiB;
  Oversized oversized = Oversized::reference;
  std::size_t response_excerpt = kKiB;
  bool operator==(const DeadLetter&) const = default;
};

struct Pipeline {
  std::string name;
  std::vector<std::string> topics;    // by name
  std::vector<std::string> patterns;  // extended regular expressions that begin with '^'
  std::string group;
  std::string target;  // a name in Config::targets
  std::string path;    // begins with '/', no query; may hold placeholders (base/text_template.h)
  std::string method = "POST";
  Start start = Start::earliest;
  WallTime start_time{};  // where start is `time`
  std::uint32_t workers = 1;
  std::uint32_t weight = 1;  // against other pipelines of the target
  Order order = Order::partition;
  // "/json/pointer", "key" or "header:NAME": records that differ in one never share a request, and
  // do not wait for each other.
  std::vector<std::string> group_by;
  BatchLimits batch;
  std::size_t max_record_bytes = kMiB;
  BodyFormat body = BodyFormat::json_array;
  std::uint32_t max_unconfirmed_batches = 8;
  NullValues null_values = NullValues::dead_letter;
  std::optional<std::string> schema;  // path of a JSON Schema file
  std::vector<StatusRange> success{{200, 299}};
  std::optional<std::string> expect;  // JSON Pointer into the answer: number of records taken
  std::optional<Results> results;
  std::vector<VerdictOverride> verdicts;  // the first that fits decides, before all else
  Retry retry;
  OnExhausted on_exhausted = OnExhausted::dead_letter;
  std::optional<Duration> max_age;  // of a record, by its timestamp
  OnExpired on_expired = OnExpired::dead_letter;
  std::optional<RefusalGuard> refusal_guard = RefusalGuard{};  // nullopt: none
  std::optional<DeadLetter> dead_letter;                       // nullopt: `dead_letter: none`
  Duration drain_timeout = std::chrono::seconds(1);
  bool operator==(const Pipeline&) const = default;
};

}  // namespace sluice::config
