#include "telemetry/failures.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sluice::telemetry {
namespace {

auto kind_of(const Failure& failure) {
  return std::tie(failure.pipeline, failure.verdict, failure.status, failure.detail);
}

}  // namespace

void Failures::add(Failure failure) {
  const std::lock_guard lock(mutex_);
  const auto equal = std::find_if(failures_.begin(), failures_.end(), [&](const Failure& other) {
    return kind_of(other) == kind_of(failure);
  });
  if (equal != failures_.end()) {
    failure.count += equal->count;
    failures_.erase(equal);
  }
  failures_.push_front(std::move(failure));
  if (failures_.size() > kMost) failures_.pop_back();
}

std::vector<Failure> Failures::list() const {
  const std::lock_guard lock(mutex_);
  return {failures_.begin(), failures_.end()};
}

}  // namespace sluice::telemetry
