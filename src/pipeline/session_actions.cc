// What operators want.
#include <utility>

#include "pipeline/session.h"

namespace sluice::pipeline {

void Session::perform(const Action& action, const ActionDone& done) {
  if (action.kind == Action::Kind::resume_from) {
    look_up_resume_offset(action, done);
    return;
  }
  std::size_t count = 0;
  std::vector<LaneId> lanes;
  for (const auto& [lane, partition] : partitions_) {
    if (!action.partition || partition.of == *action.partition) lanes.push_back(lane);
  }
  for (const LaneId lane : lanes) {
    count += action.kind == Action::Kind::retry ? deliverer_.retry_suspects(lane)
                                                : deliverer_.dead_letter_suspects(lane);
  }
  done(count);
}

void Session::look_up_resume_offset(const Action& action, const ActionDone& done) {
  const TopicPartition of = action.partition.value_or(TopicPartition{});
  if (find(of.topic, of.partition) == nullptr) {
    done(0);
    return;
  }
  if (action.from != Action::From::latest) {
    const bool earliest = action.from == Action::From::earliest;
    done(resume_from(of, earliest ? kafka::kBeginning : action.offset) ? 1 : 0);
    return;
  }
  background_->run_soon(
      off_loop([this, consumer = consumer_.get(), of, done]() -> std::function<void()> {
        const auto end = kafka::log_end(*consumer, of);
        return [this, of, done, end] { done(end && resume_from(of, *end) ? 1 : 0); };
      }));
}

// As if the partition had been assigned anew: nothing of what was read or sent before counts.
bool Session::resume_from(const TopicPartition& of, std::int64_t offset) {
  Partition* before = find(of.topic, of.partition);
  if (before == nullptr || before->draining) return false;
  deliverer_.cancel(before->lane);
  if (before->paused) consumer_->resume(of);
  abandon({of});
  const auto known = offset < 0 ? std::nullopt : std::optional(offset);
  Partition& partition = add_partition(of, std::nullopt);
  partition.next_offset = offset;
  // Committed at once, also where it is lower than what was committed before: it is asked for.
  // From the beginning, the first record says where that is.
  if (known) committer_.update(partition.lane, *known);
  std::vector<kafka::PartitionOffset> others;
  for (const auto& [lane, other] : partitions_) {
    if (other.lane != partition.lane) others.push_back({other.of, other.next_offset, {}});
  }
  return consumer_->move({of, offset, {}}, std::move(others)).has_value();
}

}  // namespace sluice::pipeline
