// Rebalances, and what Kafka complains about.
#include <utility>

#include "base/failpoint.h"
#include "kafka/offset_lookup.h"
#include "pipeline/names.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kLongestRevokeWait = std::chrono::seconds(5);
constexpr Duration kBrokerCheckEvery = std::chrono::seconds(2);
constexpr const char* kAskedAgain = "Kafka is asked again all the time";

}  // namespace

void Session::take_events(Instant now) {
  for (auto& event : consumer_->take_events()) take_event(std::move(event));
  if (retry_ && now >= retry_at_) std::exchange(retry_, nullptr)();
  check_brokers(now);
}

void Session::take_event(kafka::ConsumerEvent event) {
  using Kind = kafka::ConsumerEvent::Kind;
  consumer_may_have_more_ = true;
  switch (event.kind) {
    case Kind::assigned:
    case Kind::revoked:
    case Kind::lost:
      rebalances_.push_back(std::move(event));
      return;
    case Kind::fatal:
      dead_ = true;
      fenced_ = event.fenced;
      fatal_error_ = fenced_ ? "another process has joined with our instance_id and has our "
                               "partitions now: give each replica an instance_id of its own (" +
                                   event.text + ")"
                             : event.text;
      return;
    case Kind::all_brokers_down:
      doubt_brokers_ = true;
      cut_off_ = why_cut_off_.value_or(
          Stall{StallReason::broker_unreachable,
                "no broker answers (" + event.text + "); check kafka.brokers and that they run",
                kAskedAgain});
      break;
    case Kind::no_connection:
      doubt_brokers_ = true;
      why_cut_off_ =
          Stall{event.refused ? StallReason::kafka_error : StallReason::broker_unreachable,
                event.text, kAskedAgain};
      break;
    case Kind::partition_error:
      take_partition_error(event);
      break;
    case Kind::error:
      doubt_brokers_ = true;  // librdkafka goes on by itself
      if (event.refused) {
        not_let_in_ = Stall{StallReason::kafka_error, event.text, kAskedAgain};
      }
      break;
  }
  topic_watch_.doubt();
  parts_.log.write(telemetry::Level::warn, telemetry::Event::kafka_error,
                   {{"pipeline", options_.pipeline.name},
                    {"worker", options_.number},
                    {"partitions", names(event.partitions)},
                    {"detail", event.text}});
}

void Session::take_partition_error(const kafka::ConsumerEvent& event) {
  const TopicPartition& of = event.partitions.front();
  Partition* partition = find(of.topic, of.partition);
  if (event.out_of_range && partition != nullptr) {
    // Where it was made anew, that is said already.
    if (partition->out_of_range || moved_again(*partition, event)) return;
    partition->out_of_range = true;
    partition->failed_at = event.offset;
    partition->blocked =
        "the committed offset is not in the topic (" + event.text +
        "): records were deleted before they were read, or the topic was made anew; say where to "
        "go on (resume-from earliest, latest or an offset)";
  } else if (of.topic.starts_with('^')) {
    kafka_trouble_ = no_topic_matches({of.topic});
  } else if (event.refused) {
    if (partition == nullptr) {
      kafka_trouble_ = Stall{StallReason::kafka_error, event.text, kAskedAgain};
      return;
    }
    // Others of the pipeline go on, and with them the worker: this one says so by itself.
    partition->refused = event.text;
    partition->log_end_when_refused = consumer_->known_log_end(of);
  } else {
    // What concerns a whole topic names it in its text.
    const std::string where = partition == nullptr ? "" : names(event.partitions) + ": ";
    kafka_trouble_ = Stall{
        StallReason::kafka_error,
        where + event.text + "; check that the topic exists and that we may read it", kAskedAgain};
  }
}

void Session::serve_rebalances(Instant now) {
  if (revoking_ && (now >= revoking_->deadline || drained())) finish_revoke();
  while (!revoking_ && !rebalances_.empty()) {
    kafka::ConsumerEvent event = std::move(rebalances_.front());
    rebalances_.pop_front();
    parts_.metrics.rebalanced();
    const bool assigned = event.kind == kafka::ConsumerEvent::Kind::assigned;
    const bool lost = event.kind == kafka::ConsumerEvent::Kind::lost;
    parts_.log.write(lost ? telemetry::Level::warn : telemetry::Level::info,
                     assigned ? telemetry::Event::partitions_assigned
                     : lost   ? telemetry::Event::partitions_lost
                              : telemetry::Event::partitions_revoked,
                     {{"pipeline", options_.pipeline.name},
                      {"worker", options_.number},
                      {"partitions", names(event.partitions)}});
    if (assigned) {
      begin_assign(std::move(event.partitions));
    } else {
      begin_revoke(std::move(event), now);
    }
  }
}

void Session::begin_revoke(kafka::ConsumerEvent event, Instant now) {
  if (assigning_) {
    assigning_.reset();  // taken away before it was ours
    ++assign_round_;
  }
  Revoke revoke;
  revoke.partitions = std::move(event.partitions);
  revoke.lost = event.kind == kafka::ConsumerEvent::Kind::lost;
  revoke.deadline = revoke.lost ? now : now + options_.pipeline.drain_timeout;
  if (revoke.lost) doubt_brokers_ = true;  // they may be why, and joining does not tell
  for (const auto& of : revoke.partitions) {
    Partition* partition = find(of.topic, of.partition);
    if (partition == nullptr) continue;
    partition->draining = true;
    deliverer_.drain(partition->lane);
  }
  if (!revoke.lost) pass_failpoint(Failpoint::draining);
  tell_share(now);
  revoking_ = std::move(revoke);
  if (revoking_->lost || drained()) finish_revoke();
}

bool Session::drained() const {
  for (const auto& [lane, partition] : partitions_) {
    if (!partition.draining) continue;
    if (deliverer_.in_flight(lane)) return false;
    const bool writing = outbox_ && !outbox_->stalled() && outbox_->pending(lane) > 0;
    if (writing) return false;
  }
  return true;
}

void Session::finish_revoke() {
  const Revoke revoke = std::move(*revoking_);
  // Cancelled before the partitions are given back: one that comes straight back must not have
  // two batches on their way.
  for (const auto& of : revoke.partitions) {
    if (Partition* partition = find(of.topic, of.partition)) {
      deliverer_.cancel(partition->lane);
      // librdkafka remembers a pause beyond the assignment: the next one would never flow.
      if (partition->paused) consumer_->resume(partition->of);
    }
  }
  if (!revoke.lost) {
    commit_and_wait(kLongestRevokeWait);
    pass_failpoint(Failpoint::revoke_committed);
  }
  abandon(revoke.partitions);
  revoking_.reset();
  // Whatever the protocol, the next assignment, if only an empty one, says when it is a member.
  joined_ = !partitions_.empty();
  if (const auto done = consumer_->unassign(revoke.partitions); !done) {
    dead_ = true;
    fatal_error_ = done.error().text();
  }
}

void Session::abandon(const std::vector<TopicPartition>& partitions) {
  for (const auto& of : partitions) {
    Partition* partition = find(of.topic, of.partition);
    if (partition == nullptr) continue;
    const LaneId lane = partition->lane;
    if (outbox_) outbox_->forget(lane);
    committer_.remove_lane(lane);
    topic_watch_.forget(lane);
    parts_.metrics.forget_partition(of.topic, of.partition);
    last_found_ = nullptr;
    partitions_.erase(lane);
  }
}

// librdkafka says that all brokers are down once, if at all, and never that one is back. So they
// are asked.
void Session::check_brokers(Instant now) {
  if (!doubt_brokers_ || checking_brokers_ || now < next_broker_check_) return;
  checking_brokers_ = true;
  background_->run_soon(off_loop([this, consumer = consumer_.get()]() -> std::function<void()> {
    const auto asked = kafka::brokers_answer(*consumer);
    return [this, asked] {
      checking_brokers_ = false;
      next_broker_check_ = parts_.clock.now() + kBrokerCheckEvery;
      doubt_brokers_ = !asked;
      if (asked) {
        cut_off_.reset();
        why_cut_off_.reset();  // another broker's
      } else {
        cut_off_ =
            why_cut_off_.value_or(Stall{StallReason::broker_unreachable, asked.error().text()});
      }
    };
  }));
}

void Session::brokers_serve_us() {
  kafka_trouble_.reset();
  cut_off_.reset();
  why_cut_off_.reset();
}

void Session::doubt_membership() {
  if (!joined_) return;
  unsure_of_membership_ = true;
}

}  // namespace sluice::pipeline
