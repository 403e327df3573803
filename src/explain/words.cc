#include "explain/words.h"

#include <algorithm>
#include <cmath>

#include "config/rate_limit.h"
#include "config/values.h"
#include "explain/follows.h"

namespace sluice::explain {

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::sent:
      return "sent";
    case Fate::dead_lettered:
      return "dead_lettered";
    case Fate::dropped:
      return "dropped";
    case Fate::stands_still:
      return "stands_still";
  }
  return "unknown";
}

std::string_view to_string(config::Order order) {
  switch (order) {
    case config::Order::partition:
      return "partition";
    case config::Order::key:
      return "key";
    case config::Order::none:
      return "none";
  }
  return "unknown";
}

std::string fate_words(const ShownRecord& record, const config::Pipeline& pipeline) {
  switch (record.judged.fate) {
    case Fate::sent:
      return "would be sent";
    case Fate::dropped:
      return "is dropped";
    case Fate::dead_lettered:
    case Fate::stands_still:
      break;
  }
  return record.judged.reason ? set_aside(pipeline, *record.judged.reason)
                              : "stands still, with what is grouped with it";
}

std::string body_words(const config::Pipeline& pipeline, const config::Compression& compression) {
  std::string words;
  switch (pipeline.body) {
    case config::BodyFormat::json_array:
      words = "json_array";
      break;
    case config::BodyFormat::ndjson:
      words = "ndjson";
      break;
    case config::BodyFormat::json:
      words = "json";
      break;
  }
  if (compression.type == config::CompressionType::none) return words;
  const bool gzip = compression.type == config::CompressionType::gzip;
  return words + (gzip ? ", as gzip from " : ", as zstd from ") +
         config::format_size(compression.min_size) + " on";
}

std::string schema_words(const Explanation& explanation) {
  if (explanation.batch) return "holds";
  const bool broken = explanation.record->judged.reason == DeadLetterReason::schema;
  return broken ? "is broken" : "was not looked at";
}

std::string closed_words(CloseReason reason, const config::Pipeline& pipeline) {
  switch (reason) {
    case CloseReason::count:
      return "full (max_records " + std::to_string(pipeline.batch.max_records) + ")";
    case CloseReason::bytes:
      return "full (max_bytes " + config::format_size(pipeline.batch.max_bytes) + ")";
    case CloseReason::linger:
      return "all there are now; more that come within " +
             config::format_duration(pipeline.batch.linger) + " join it";
    case CloseReason::route:
      return "the next record has another route";
  }
  return {};
}

std::string limit_words(const config::RateLimit& limit, const config::Pipeline& pipeline) {
  const auto whole = static_cast<std::uint64_t>(std::max(1.0, std::floor(config::allowed(limit))));
  std::string words = config::text_of(limit) + ", of which at most " +
                      (limit.unit == config::RateUnit::bytes ? std::to_string(whole) + " bytes"
                                                             : std::to_string(whole)) +
                      " go";
  if (!limit.path.empty()) words += ", of this path";
  if (limit.share_by_group) words += ", divided among the replicas of group " + pipeline.group;
  return words;
}

std::vector<config::RateLimit> limits_of(const config::Pipeline& pipeline,
                                         const config::Target& target) {
  std::vector<config::RateLimit> limits;
  std::copy_if(
      target.rate_limit.begin(), target.rate_limit.end(), std::back_inserter(limits),
      [&](const auto& limit) { return limit.path.empty() || limit.path == pipeline.path; });
  return limits;
}

std::string breaker_words(const config::CircuitBreaker& breaker) {
  const auto percent = static_cast<int>(std::lround(breaker.failure_rate * 100));
  return "opens after " + std::to_string(breaker.failures) + " failures in a row, or " +
         std::to_string(percent) + "% of " + std::to_string(breaker.minimum) + " or more within " +
         config::format_duration(breaker.window) + "; tries again after " +
         config::format_duration(breaker.open_for) + ", growing to " +
         config::format_duration(breaker.max_open_for);
}

std::string_view beginning(std::string_view body, std::size_t most) {
  if (body.size() <= most) return body;
  // A byte 10xxxxxx of UTF-8 goes on with what stands before it.
  while (most > 0 && (static_cast<unsigned char>(body[most]) & 0xC0U) == 0x80U) --most;
  return body.substr(0, most);
}

}  // namespace sluice::explain
