#include "commit/committer.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sluice::commit {

bool Committer::Lane::news() const {
  if (point && (!committed || *point > *committed)) return true;
  return ahead && offset();
}

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

void Committer::note_ahead(LaneId lane) {
  auto found = lanes_.find(lane);
  if (found != lanes_.end()) found->second.ahead = true;
}

std::vector<CommitItem> Committer::next(Instant now) const {
  if (now < not_before()) return {};
  return next_at_once();
}

std::vector<CommitItem> Committer::next_at_once() const {
  if (outstanding_) return {};
  std::vector<CommitItem> items;
  for (const auto& [id, lane] : lanes_) {
    if (lane.news()) items.push_back({id, *lane.offset()});
  }
  return items;
}

std::vector<CommitItem> Committer::next_restating(Instant now) const {
  if (outstanding_ || now < retry_at_) return {};
  std::vector<CommitItem> items;
  for (const auto& [id, lane] : lanes_) {
    if (const auto offset = lane.offset()) items.push_back({id, *offset});
  }
  return items;
}

void Committer::sent(std::vector<CommitItem> items, Instant now) {
  assert(!outstanding_ && !items.empty());
  outstanding_ = true;
  paced_until_ = now + kPace;
  hurried_ = false;
  sent_ = std::move(items);
  for (const auto& item : sent_) {
    Lane& lane = lanes_.at(item.lane);
    lane.ahead_sent = std::exchange(lane.ahead, false);
  }
}

std::vector<CommitItem> Committer::confirmed() {
  assert(outstanding_);
  outstanding_ = false;
  failures_ = 0;
  retry_at_.reset();
  std::erase_if(sent_, [&](const CommitItem& item) { return lanes_.count(item.lane) == 0; });
  for (const auto& item : sent_) {
    Lane& lane = lanes_.at(item.lane);
    lane.committed = item.offset;
    lane.ahead_sent = false;
  }
  return std::exchange(sent_, {});
}

void Committer::forget_sent() {
  assert(outstanding_);
  outstanding_ = false;
  for (const auto& item : std::exchange(sent_, {})) {
    auto found = lanes_.find(item.lane);
    if (found != lanes_.end() && found->second.ahead_sent) found->second.ahead = true;
  }
}

void Committer::failed(Instant now) {
  forget_sent();
  const Duration wait = kFirstRetry * (1U << std::min(failures_, 6U));
  retry_at_ = now + std::min(wait, Duration(kLastRetry));
  ++failures_;
}

bool Committer::metadata_too_large(Instant now) {
  std::size_t longest = 0;
  for (const auto& item : sent_) longest = std::max(longest, item.metadata.size());
  if (longest == 0) {
    failed(now);
    return false;
  }
  while (metadata_limit_ >= longest) metadata_limit_ /= 2;
  if (metadata_limit_ < kLeastMetadata) metadata_limit_ = 0;
  forget_sent();
  retry_at_.reset();
  paced_until_.reset();
  return true;
}

std::optional<Instant> Committer::deadline(Instant asked) const {
  const std::optional<Instant> until = not_before();
  if (outstanding_ || until <= asked) return std::nullopt;
  const bool news = std::any_of(lanes_.begin(), lanes_.end(),
                                [](const auto& entry) { return entry.second.news(); });
  return news ? until : std::nullopt;
}

bool Committer::settled(LaneId lane) const {
  const auto found = lanes_.find(lane);
  return !outstanding_ && found != lanes_.end() && !found->second.news();
}

std::optional<std::int64_t> Committer::committed(LaneId lane) const {
  auto found = lanes_.find(lane);
  return found == lanes_.end() ? std::nullopt : found->second.committed;
}

}  // namespace sluice::commit
