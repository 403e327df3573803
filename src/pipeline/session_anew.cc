// Topics that were deleted and made anew under us (topic_watch.h).
#include <set>
#include <utility>

#include "kafka/offset_lookup.h"
#include "pipeline/names.h"
#include "pipeline/session.h"

namespace sluice::pipeline {

// What may be committed now; the rest waits for a look.
std::vector<commit::CommitItem> Session::provable(std::vector<commit::CommitItem> items,
                                                  Instant now) {
  bool wait = false;
  std::erase_if(items, [&](const auto& item) {
    if (topic_watch_.may_commit(item.lane)) return false;
    wait |= partitions_.at(item.lane).untold.empty();
    return true;
  });
  if (!wait) {
    commit_withheld_since_.reset();
  } else if (!commit_withheld_since_) {
    commit_withheld_since_ = now;
  }
  return items;
}

void Session::look_at_commits(Instant now) {
  auto look = topic_watch_.next_look(now);
  if (!look) return;
  auto asked = partitions_of(look->lanes);
  commit_looks_->run_soon(off_loop([this, consumer = consumer_.get(), look = std::move(*look),
                                    asked = std::move(asked)]() -> std::function<void()> {
    const auto told = kafka::commits_as_told(*consumer, asked);
    return [this, look, told] {
      for (const LaneId lane : with_their_topics(take_look(look, told))) {
        park_made_anew(partitions_.at(lane));
      }
    };
  }));
}

// Blocks: before partitions go, their last commit must not cover anything up either. Whoever gets
// a partition of which the brokers have no commit begins at its beginning.
void Session::look_and_wait(Duration limit) {
  std::vector<LaneId> lanes;
  for (const auto& item : committer_.next_at_once()) {
    if (!topic_watch_.may_commit(item.lane)) lanes.push_back(item.lane);
  }
  if (lanes.empty()) return;
  const TopicWatch::Look look = topic_watch_.look_at(std::move(lanes));
  take_look(look, kafka::commits_as_told(*consumer_, partitions_of(look.lanes), limit));
}

std::vector<TopicPartition> Session::partitions_of(const std::vector<LaneId>& lanes) const {
  std::vector<TopicPartition> partitions;
  for (const LaneId lane : lanes) partitions.push_back(partitions_.at(lane).of);
  return partitions;
}

// Returns the lanes whose topic was made anew.
std::vector<LaneId> Session::take_look(const TopicWatch::Look& look,
                                       const Result<kafka::CommitsAsTold>& told) {
  const Instant now = parts_.clock.now();
  look_error_ = told ? "" : told.error().cause;
  if (!told) {
    topic_watch_.failed(look, now);
    doubt_brokers_ = true;
    return {};
  }
  std::map<LaneId, bool> has;
  for (const LaneId lane : look.lanes) {
    const auto partition = partitions_.find(lane);
    if (partition == partitions_.end()) continue;
    const auto found = told->find(partition->second.of);
    if (found == told->end()) continue;
    const auto& its = found->second;
    partition->second.untold = its ? "" : its.error().cause;
    if (its) has[lane] = its->has_value();
  }
  return topic_watch_.answered(look, has, now);
}

// One partition tells of its whole topic, as far as anything was read: the others may have been
// committed since, if not by an operator. Those that are leaving us are their next owner's.
std::set<LaneId> Session::with_their_topics(const std::vector<LaneId>& anew) const {
  std::set<std::string> topics;
  for (const LaneId lane : anew) topics.insert(partitions_.at(lane).of.topic);
  std::set<LaneId> lanes(anew.begin(), anew.end());
  for (const auto& [lane, partition] : partitions_) {
    const bool stands_somewhere = committer_.committed(lane) || partition.first_offset;
    if (!stands_somewhere || partition.by_operator) continue;
    if (topics.contains(partition.of.topic)) lanes.insert(lane);
  }
  std::erase_if(lanes, [&](LaneId lane) { return partitions_.at(lane).draining; });
  return lanes;
}

// Nothing of what was read counts any more, and nothing more is read: what was read last may be of
// the new log, and the records before it were not.
void Session::park_made_anew(Partition& before) {
  const TopicPartition of = before.of;
  const std::int64_t failed_at = before.failed_at.value_or(before.next_offset);
  const auto stood = committer_.committed(before.lane);
  deliverer_.cancel(before.lane);
  if (!before.paused) consumer_->pause(of);
  abandon({of});
  Partition& partition = add_partition(of, std::nullopt);
  partition.paused = true;
  partition.failed_at = failed_at;
  partition.out_of_range = true;
  partition.blocked =
      "the topic was deleted under us and made anew (the brokers no longer have the commit of the "
      "group" +
      (stood ? ", which stood at " + std::to_string(*stood) : "") +
      "): its offsets begin again, and nothing more of it is read; say where to go on "
      "(resume-from earliest, latest or an offset)";
  parts_.log.write(telemetry::Level::warn, telemetry::Event::kafka_error,
                   {{"pipeline", options_.pipeline.name},
                    {"worker", options_.number},
                    {"partitions", names({of})},
                    {"detail", partition.blocked}});
}

}  // namespace sluice::pipeline
