#include "credentials/token_schedule.h"

#include <algorithm>

namespace sluice::credentials {
namespace {

constexpr double kEarliest = 0.6;  // of the life
constexpr double kLatest = 0.8;

Duration part_of(Duration whole, double part) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * part));
}

}  // namespace

void TokenSchedule::fetched(Instant now, std::optional<Duration> life) {
  const double part = kEarliest + (kLatest - kEarliest) * random_.next_unit();
  fetched_ = now;
  failures_ = 0;
  due_ = now + std::max(part_of(life.value_or(kUnknownLife), part), kLeastBetween);
}

void TokenSchedule::failed(Instant now, Duration at_least) {
  constexpr std::uint32_t kMostDoublings = 6;
  const Duration ceiling =
      std::min(kFirstWait * (1U << std::min(failures_, kMostDoublings)), kLongestWait);
  ++failures_;
  due_ = now + std::max(part_of(ceiling, 0.5 + 0.5 * random_.next_unit()), at_least);
}

void TokenSchedule::refused(Instant now) {
  if (!fetched_ || failures_ > 0) return;
  const bool helped_not = replaced_ && now < *replaced_ + kBetweenRefusals;
  if (helped_not) {
    due_ = std::min(due_, *replaced_ + kBetweenRefusals);
    return;
  }
  due_ = std::min(due_, now);
  replaced_ = now;
}

}  // namespace sluice::credentials
