#include "deliver/bisection.h"

namespace sluice::deliver {

std::optional<batch::Range> Bisection::next() const {
  if (first_ == end_) return std::nullopt;
  if (!searching_) return batch::Range{first_, end_};
  const std::size_t suspects = suspect_end_ - first_;
  return batch::Range{first_, first_ + (suspects + 1) / 2};
}

void Bisection::delivered(batch::Range sent) {
  first_ = sent.last;
  // All suspects delivered after all: the API changed its mind.
  if (searching_ && first_ >= suspect_end_) searching_ = false;
}

bool Bisection::refused(batch::Range sent) {
  if (sent.size() == 1) {
    first_ = sent.last;
    searching_ = false;
    return true;
  }
  searching_ = true;
  suspect_end_ = sent.last;
  return false;
}

}  // namespace sluice::deliver
