#include "telemetry/activity.h"

#include <algorithm>
#include <cmath>

namespace sluice::telemetry {
namespace {

constexpr double kNarrowest = 1e-4;  // seconds
constexpr double kGrowth = 1.2;
constexpr Duration kSlot = std::chrono::seconds(1);
constexpr Duration kRatesOf = std::chrono::seconds(10);
constexpr Duration kQuantilesOf = std::chrono::seconds(60);

double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Activity::Quantiles quantiles_of(const DurationClasses& durations) {
  return {durations.quantile(0.5), durations.quantile(0.99)};
}

}  // namespace

void DurationClasses::add(Duration duration) {
  const double value = std::max(in_seconds(duration), kNarrowest);
  const double place = std::ceil(std::log(value / kNarrowest) / std::log(kGrowth));
  ++counts_.at(std::min(static_cast<std::size_t>(place), kClasses - 1));
  ++total_;
}

void DurationClasses::add(const DurationClasses& other) {
  for (std::size_t i = 0; i < kClasses; ++i) counts_.at(i) += other.counts_.at(i);
  total_ += other.total_;
}

std::optional<double> DurationClasses::quantile(double q) const {
  if (total_ == 0) return std::nullopt;
  const double rank = std::max(1.0, std::ceil(q * static_cast<double>(total_)));
  double seen = 0;
  for (std::size_t i = 0; i < kClasses; ++i) {
    seen += counts_.at(i);
    if (seen >= rank) return kNarrowest * std::pow(kGrowth, static_cast<double>(i));
  }
  return std::nullopt;
}

void Activity::delivered(std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  now_.records += records;
}

void Activity::batch_delivered(Duration oldest_record_age) {
  const std::lock_guard lock(mutex_);
  now_.ages.add(oldest_record_age);
}

void Activity::request_finished(Duration took, std::uint64_t body_bytes) {
  const std::lock_guard lock(mutex_);
  ++now_.requests;
  now_.bytes += body_bytes;
  now_.requests_took.add(took);
}

void Activity::dead_lettered(DeadLetterReason reason) {
  const std::lock_guard lock(mutex_);
  ++dead_letters_.at(static_cast<std::size_t>(reason));
}

void Activity::roll(Instant now, std::optional<std::int64_t> lag) {
  const std::lock_guard lock(mutex_);
  if (!slot_began_) slot_began_ = now;
  if (!point_at_) point_at_ = now;
  if (now - *slot_began_ >= kSlot) close_slot(now);
  if (now - *point_at_ >= kPointEvery) add_point(now, lag);
}

void Activity::close_slot(Instant now) {
  now_.ends_at = now;
  now_.seconds = in_seconds(now - *slot_began_);
  slots_.push_back(now_);
  now_ = {};
  slot_began_ = now;
  while (now - slots_.front().ends_at >= kQuantilesOf) slots_.pop_front();
}

// A process that stood still has points for that time as well, so that the curve keeps its scale.
void Activity::add_point(Instant now, std::optional<std::int64_t> lag) {
  Point point;
  point.lag = lag;
  double time = 0;
  double records = 0;
  DurationClasses ages;
  for (const Slot& slot : slots_) {
    if (slot.ends_at <= *point_at_) continue;
    time += slot.seconds;
    records += static_cast<double>(slot.records);
    ages.add(slot.ages);
  }
  point.records_per_second = time > 0 ? records / time : 0;
  point.delivery_age = quantiles_of(ages);
  const auto passed = std::min<Duration::rep>((now - *point_at_) / kPointEvery, kPoints);
  for (Duration::rep i = 1; i < passed; ++i) points_.push_back(Point{0, {}, lag});
  points_.push_back(point);
  while (points_.size() > kPoints) points_.pop_front();
  point_at_ = now;
}

Activity::Summary Activity::summary() const {
  const std::lock_guard lock(mutex_);
  Summary summary;
  DurationClasses ages = now_.ages;
  DurationClasses took = now_.requests_took;
  double time = 0;
  for (const Slot& slot : slots_) {
    ages.add(slot.ages);
    took.add(slot.requests_took);
    if (slots_.back().ends_at - slot.ends_at >= kRatesOf) continue;
    time += slot.seconds;
    summary.records_per_second += static_cast<double>(slot.records);
    summary.requests_per_second += static_cast<double>(slot.requests);
    summary.bytes_per_second += static_cast<double>(slot.bytes);
  }
  for (double* rate :
       {&summary.records_per_second, &summary.requests_per_second, &summary.bytes_per_second}) {
    *rate = time > 0 ? *rate / time : 0;
  }
  summary.delivery_age = quantiles_of(ages);
  summary.request_seconds = quantiles_of(took);
  for (const DeadLetterReason reason : kAllDeadLetterReasons) {
    const std::uint64_t count = dead_letters_.at(static_cast<std::size_t>(reason));
    if (count > 0) summary.dead_letters.emplace(to_string(reason), count);
  }
  return summary;
}

std::vector<Activity::Point> Activity::history() const {
  const std::lock_guard lock(mutex_);
  return {points_.begin(), points_.end()};
}

}  // namespace sluice::telemetry
