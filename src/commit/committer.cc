#include "commit/committer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sluice::commit {

void Committer::add_lane(LaneId lane, std::optional<std::int64_t> committed) {
  lanes_[lane] = Lane{committed, std::nullopt};
}

void Committer::remove_lane(LaneId lane) { lanes_.erase(lane); }

void Committer::update(LaneId lane, std::int64_t commit_point) {
  auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;
  auto& point = found->second.point;
  point = std::max(point.value_or(commit_point), commit_point);
}

std::vector<CommitItem> Committer::next(Instant now) {
  if (not_before_ && now < *not_before_) return {};
  return next_at_once();
}

std::vector<CommitItem> Committer::next_at_once() {
  if (outstanding_) return {};
  std::vector<CommitItem> items;
  for (const auto& [id, lane] : lanes_) {
    if (lane.news()) items.push_back({id, *lane.point});
  }
  return send(std::move(items));
}

std::vector<CommitItem> Committer::next_restating(Instant now) {
  if (outstanding_ || (not_before_ && now < *not_before_)) return {};
  std::vector<CommitItem> items;
  for (const auto& [id, lane] : lanes_) {
    if (lane.news()) {
      items.push_back({id, *lane.point});
    } else if (lane.committed) {
      items.push_back({id, *lane.committed});
    }
  }
  return send(std::move(items));
}

std::vector<CommitItem> Committer::send(std::vector<CommitItem> items) {
  outstanding_ = !items.empty();
  sent_ = items;
  return items;
}

std::vector<CommitItem> Committer::confirmed() {
  assert(outstanding_);
  outstanding_ = false;
  failures_ = 0;
  not_before_.reset();
  std::vector<CommitItem> moved;
  for (const auto& item : sent_) {
    auto found = lanes_.find(item.lane);
    if (found == lanes_.end()) continue;
    found->second.committed = item.offset;
    moved.push_back(item);
  }
  return moved;
}

void Committer::failed(Instant now) {
  assert(outstanding_);
  outstanding_ = false;
  const Duration wait = kFirstRetry * (1U << std::min(failures_, 6U));
  not_before_ = now + std::min(wait, Duration(kLastRetry));
  ++failures_;
}

std::optional<Instant> Committer::deadline() const {
  if (outstanding_ || !not_before_) return std::nullopt;
  const bool news = std::any_of(lanes_.begin(), lanes_.end(),
                                [](const auto& entry) { return entry.second.news(); });
  return news ? not_before_ : std::nullopt;
}

std::optional<std::int64_t> Committer::committed(LaneId lane) const {
  auto found = lanes_.find(lane);
  return found == lanes_.end() ? std::nullopt : found->second.committed;
}

}  // namespace sluice::commit
