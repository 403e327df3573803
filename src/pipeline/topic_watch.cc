#include "pipeline/topic_watch.h"

#include <algorithm>
#include <utility>

namespace sluice::pipeline {

void TopicWatch::doubt() {
  ++doubts_;
  for (auto& [id, lane] : lanes_) lane.doubtful = true;
}

bool TopicWatch::in_doubt() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const auto& entry) { return entry.second.doubtful; });
}

bool TopicWatch::awaits_answer() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& entry) {
    return entry.second.doubtful && !entry.second.refused;
  });
}

bool TopicWatch::may_commit(LaneId lane) const {
  const auto found = lanes_.find(lane);
  return found == lanes_.end() || !found->second.doubtful;
}

std::optional<TopicWatch::Look> TopicWatch::next_look(Instant now) {
  if (looking_ || lanes_.empty() || now < not_before_) return std::nullopt;
  if (!in_doubt() && now < next_look_) return std::nullopt;
  looking_ = true;
  Look look{{}, doubts_};
  for (const auto& [id, lane] : lanes_) look.lanes.push_back(id);
  return look;
}

std::vector<LaneId> TopicWatch::answered(const Look& look, const std::map<LaneId, bool>& has,
                                         Instant now) {
  ++answers_;
  if (!look.at_once) {
    looking_ = false;
    next_look_ = now + kLookEvery;
  }
  std::vector<LaneId> anew;
  for (const LaneId id : look.lanes) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) continue;
    const auto told = has.find(id);
    found->second.refused = told == has.end();
    if (told != has.end() && told->second) {
      found->second.missed = false;
      if (look.doubts == doubts_) found->second.doubtful = false;
    } else if (!look.at_once) {
      not_before_ = now + kRetry;
      if (told != has.end() && miss(found->second)) anew.push_back(id);
    }
  }
  return anew;
}

// True: not for the first time in a row.
bool TopicWatch::miss(Lane& lane) {
  lane.doubtful = true;
  return std::exchange(lane.missed, true);
}

void TopicWatch::failed(const Look& look, Instant now) {
  if (!look.at_once) looking_ = false;
  not_before_ = now + kRetry;
}

}  // namespace sluice::pipeline
