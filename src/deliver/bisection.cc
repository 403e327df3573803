#include "deliver/bisection.h"

namespace sluice::deliver {

std::optional<batch::Range> Bisection::next() const {
  if (first_ == end_) return std::nullopt;
  if (named_ && *named_ > first_) return batch::Range{first_, *named_};
  if (named_ || next_alone_) return batch::Range{first_, first_ + 1};
  if (!searching_) return batch::Range{first_, end_};
  const std::size_t suspects = suspect_end_ - first_;
  return batch::Range{first_, first_ + (suspects + 1) / 2};
}

void Bisection::delivered(batch::Range sent) {
  first_ = sent.last;
  next_alone_ = false;
  if (named_ && first_ > *named_) {  // the API was wrong about it
    named_.reset();
    names_hold_ = false;
  }
  // All suspects delivered after all: the API changed its mind.
  if (searching_ && first_ >= suspect_end_) searching_ = false;
}

bool Bisection::refused(batch::Range sent) {
  if (named_ && *named_ != sent.first) names_hold_ = false;  // another one in front of it is bad
  named_.reset();
  if (sent.size() == 1) {
    next_alone_ = last_bad_ && *last_bad_ + 1 == sent.first;
    last_bad_ = sent.first;
    first_ = sent.last;
    searching_ = false;
    return true;
  }
  next_alone_ = false;
  searching_ = true;
  suspect_end_ = sent.last;
  return false;
}

void Bisection::named(std::size_t record) {
  const bool suspect = searching_ && record >= first_ && record < suspect_end_;
  if (suspect && names_hold_) named_ = record;
}

}  // namespace sluice::deliver
