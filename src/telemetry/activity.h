// What a pipeline did lately: rates, latencies and their history, for those who look at it now.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"

namespace sluice::telemetry {

// Durations in classes, each a fifth wider than the one before: a quantile is off by that at most.
// From a tenth of a millisecond to about a day. Not thread-safe.
class DurationClasses {
 public:
  void add(Duration duration);
  void add(const DurationClasses& other);
  // In seconds; nullopt where there is nothing. `q`: 0 to 1.
  std::optional<double> quantile(double q) const;

 private:
  static constexpr std::size_t kClasses = 114;
  std::array<std::uint32_t, kClasses> counts_{};
  std::uint64_t total_ = 0;
};

// Of all workers of one pipeline together; every call is made per batch or request, never per
// record. Thread-safe.
class Activity {
 public:
  static constexpr Duration kPointEvery = std::chrono::seconds(5);
  static constexpr std::size_t kPoints = 120;

  struct Quantiles {
    std::optional<double> p50;  // in seconds; nullopt: nothing happened
    std::optional<double> p99;
  };
  struct Summary {
    double records_per_second = 0;  // delivered; as the next two over the last 10 s
    double requests_per_second = 0;
    double bytes_per_second = 0;  // of request bodies
    Quantiles delivery_age;       // as the next, of the last minute
    Quantiles request_seconds;
    std::map<std::string_view, std::uint64_t> dead_letters;  // by reason, since the start
  };
  struct Point {
    double records_per_second = 0;
    Quantiles delivery_age;
    std::optional<std::int64_t> lag;
  };

  void delivered(std::uint64_t records);
  void batch_delivered(Duration oldest_record_age);
  void request_finished(Duration took, std::uint64_t body_bytes);
  void dead_lettered(DeadLetterReason reason);

  // At least once a second or so, so that what happened is counted for its time. `lag`: of all
  // partitions, as far as it is known.
  void roll(Instant now, std::optional<std::int64_t> lag);

  Summary summary() const;
  // Oldest first, one each kPointEvery, at most kPoints; the last is of now.
  std::vector<Point> history() const;

 private:
  struct Slot {
    Instant ends_at{};
    double seconds = 0;
    std::uint64_t records = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;
    DurationClasses ages;
    DurationClasses requests_took;
  };

  void close_slot(Instant now);
  void add_point(Instant now, std::optional<std::int64_t> lag);

  mutable std::mutex mutex_;  // guards all below
  Slot now_;
  std::optional<Instant> slot_began_;
  std::deque<Slot> slots_;  // of the last minute
  std::array<std::uint64_t, kAllDeadLetterReasons.size()> dead_letters_{};
  std::deque<Point> points_;
  std::optional<Instant> point_at_;
};

}  // namespace sluice::telemetry
