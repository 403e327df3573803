// While an operator wants it to stand still (operator_pause.h).
#include "pipeline/session.h"

namespace sluice::pipeline {

std::size_t Session::set_pause(PauseWish wish) {
  operator_pause_.set(wish);
  hold_partitions();
  if (operator_pause_.holds_requests()) {
    // Nobody at the gate is to wait for what does not come.
    for (const auto& [lane, partition] : partitions_) admission_.forget(lane);
  }
  return left_to_drain().records;
}

// At the consumer, whatever the flow wants: regulate_flow() lets those read on that have room once
// the pause is over. What is polled after this is of no partition that was held.
void Session::hold_partitions() {
  if (!operator_pause_.on()) return;
  for (auto& [lane, partition] : partitions_) {
    if (partition.paused) continue;
    consumer_->pause(partition.of);
    partition.paused = true;
  }
  some_partition_full_ = false;  // which would keep it from polling, and so from its group
}

Stall Session::pause_stall() const {
  OperatorPause::Left left = left_to_drain();
  if (operator_pause_.draining() && left.records > 0) {
    left.held_up = target_stall();
    for (auto entry = partitions_.begin();
         left.held_up.reason == StallReason::flowing && entry != partitions_.end(); ++entry) {
      left.held_up = stall_of(entry->second);
    }
    if (left.held_up.reason == StallReason::flowing) left.held_up = closed_stall();
  }
  return operator_pause_.stall(options_.pipeline.name, left);
}

OperatorPause::Left Session::left_to_drain() const {
  OperatorPause::Left left;
  for (const auto& [lane, partition] : partitions_) {
    left.records += partition.ledger.outstanding();
    left.committed = left.committed && committer_.settled(lane);
  }
  return left;
}

}  // namespace sluice::pipeline
