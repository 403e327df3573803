// What operators want.
#include <utility>

#include "pipeline/resume.h"
#include "pipeline/session.h"

namespace sluice::pipeline {

void Session::perform(const Action& action, const ActionDone& done) {
  if (action.kind == Action::Kind::resume_from) {
    look_up_log(action, done);
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
  done({count});
}

void Session::look_up_log(const Action& action, const ActionDone& done) {
  const TopicPartition of = action.partition.value_or(TopicPartition{});
  if (find(of.topic, of.partition) == nullptr) {
    done({});
    return;
  }
  background_->run_soon(
      off_loop([this, consumer = consumer_.get(), action, of, done]() -> std::function<void()> {
        const auto log = kafka::log_bounds(*consumer, of);
        return [this, action, done, log] { done(resume(action, log)); };
      }));
}

ActionResult Session::resume(const Action& action, const Result<kafka::LogBounds>& log) {
  const TopicPartition of = action.partition.value_or(TopicPartition{});
  Partition* before = find(of.topic, of.partition);
  if (before == nullptr || before->draining) return {};
  if (!log) return {0, log.error().text()};
  const auto committed = committer_.committed(before->lane);
  const auto next = before->next_offset < 0 ? std::nullopt : std::optional(before->next_offset);
  const auto plan = plan_resume(action, {committed ? committed : before->first_offset, next}, *log);
  if (!plan) return {0, plan.error().text()};
  const auto done = resume_at(*before, plan->offset);
  hold_partitions();
  if (!done) {
    return {0, plan->text + "; but " + done.error().text()};
  }
  return {1, plan->text};
}

// As if the partition had been assigned anew: nothing of what was read or sent before counts.
Result<void> Session::resume_at(Partition& before, std::int64_t offset) {
  // What was read stays worth delivering, unless one of it would hold up the others for good.
  const bool forward = before.next_offset >= 0 && offset >= before.next_offset;
  if (before.out_of_range && !before.undeliverable && forward) return pass_over_gap(before, offset);
  const TopicPartition of = before.of;
  const LateFailure late(before.failed_at, offset);
  deliverer_.cancel(before.lane);
  if (before.paused) consumer_->resume(of);
  abandon({of});
  Partition& partition = add_partition(of, std::nullopt);
  partition.next_offset = offset;
  // Committed at once, also where it is lower than what was committed before: it is asked for.
  committer_.update(partition.lane, offset);
  partition.late_failure = late;
  partition.by_operator = true;
  return move(partition);
}

// Over what is no longer in the log. What was read in front of it is no less worth for that, and
// goes its way.
Result<void> Session::pass_over_gap(Partition& partition, std::int64_t offset) {
  const std::int64_t stood = std::exchange(partition.next_offset, offset);
  if (auto moved = move(partition); !moved) {
    partition.next_offset = stood;  // as it was, and the operator may try again
    return moved;
  }
  partition.late_failure = LateFailure(partition.failed_at, offset);
  partition.failed_at.reset();
  partition.out_of_range = false;
  partition.blocked.clear();
  partition.by_operator = true;
  partition.full_since.reset();
  if (partition.paused) consumer_->resume(partition.of);
  partition.paused = false;
  partition.gap_end = offset;
  note_progress(partition);
  return {};
}

// To the next record it wants. One that is out of range elsewhere would only fail there again.
Result<void> Session::move(const Partition& partition) {
  std::vector<kafka::PartitionOffset> others;
  for (const auto& [lane, other] : partitions_) {
    if (other.lane == partition.lane || other.out_of_range) continue;
    others.push_back({other.of, other.next_offset, {}});
  }
  return consumer_->move({partition.of, partition.next_offset, {}}, std::move(others));
}

// Of the place that an operator moved it from.
bool Session::moved_again(Partition& partition, const kafka::ConsumerEvent& event) {
  return partition.late_failure.move_again(event.offset, partition.next_offset) &&
         move(partition).has_value();
}

}  // namespace sluice::pipeline
