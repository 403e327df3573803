// What holds a worker or a partition up: the reason, the cause in plain words, what happens next,
// and what would release it.
#include <algorithm>
#include <utility>

#include "pipeline/session.h"
#include "telemetry/commands.h"

namespace sluice::pipeline {
namespace {

using telemetry::act_command;

// Commits that fail this often in a row are worth a reason of their own.
constexpr std::uint32_t kFailuresToName = 3;
// So is one that has no answer for this long: the broker stands still, connections open.
constexpr Duration kSlowCommit = std::chrono::seconds(3);
constexpr Duration kSlowAnswer = std::chrono::seconds(5);
constexpr Duration kLongWithoutRoom = std::chrono::seconds(5);
constexpr Duration kSlowBudget = std::chrono::seconds(1);
constexpr std::string_view kAllWait =
    "; all others of the partition wait as well, since no more that is finished beyond it could be "
    "committed (max_unconfirmed_batches)";
constexpr const char* kTriedAgain = "it is tried again";
constexpr const char* kOneTriesAgain = "one request tries again";
constexpr const char* kOtherConfiguration = "it waits for another configuration";

std::string whole_seconds(Duration duration) {
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::max(duration, Duration::zero()));
  return std::to_string(seconds.count()) + " s";
}

bool others_wait(const Partition& partition, const config::Pipeline& pipeline) {
  return partition.sent.unconfirmed() >= pipeline.max_unconfirmed_batches;
}

// What an operator needs to know of a record that stands still by itself.
Stall stall_of(const deliver::Deliverer::Suspect& suspect, const Partition& partition,
               const config::Pipeline& pipeline) {
  std::string words = "offset " + std::to_string(suspect.offset) + " of " + partition.of.topic +
                      "/" + std::to_string(partition.of.partition) +
                      " fails alone, and nothing else tells whether it or the target is bad (" +
                      suspect.trouble + ")";
  if (others_wait(partition, pipeline)) words += kAllWait;
  return {StallReason::suspect_record,
          std::move(words),
          kTriedAgain,
          suspect.next_try,
          {act_command("dead-letter", pipeline.name, partition.of),
           act_command("retry", pipeline.name, partition.of)}};
}

// Why a partition has lag while nothing holds up the target.
Stall stall_of(const deliver::Deliverer::Retrying& retrying) {
  std::string words = "offset " + std::to_string(retrying.first_offset);
  if (retrying.alone()) {
    words += " fails alone";
    if (retrying.attempts_used > 0) {
      words += " (" + std::to_string(retrying.attempts_used) + " of " +
               std::to_string(retrying.attempts) + " attempts)";
    }
  } else {
    words += " to " + std::to_string(retrying.last_offset) + " are tried again";
  }
  words += ", not delivered by " + std::to_string(retrying.requests) +
           (retrying.requests == 1 ? " request: " : " requests: ") + retrying.trouble;
  Stall stall{StallReason::retrying, std::move(words)};
  stall.next = retrying.under_way ? "the answer to the request under way" : kTriedAgain;
  if (!retrying.under_way) stall.next_at = retrying.next_try;
  return stall;
}

}  // namespace

Stall Session::current_stall() const {
  if (Stall stall = worker_stall(); stall.reason != StallReason::flowing) return stall;
  for (const auto& [lane, partition] : partitions_) {
    if (Stall stall = stall_of(partition); stall.reason != StallReason::flowing) return stall;
  }
  return closed_stall();
}

// What holds up all of its partitions.
Stall Session::worker_stall() const {
  if (phase_ == Phase::stopping) {
    return {StallReason::stopping, "waiting for the answers to what was sent", "the pipeline ends",
            stop_deadline_};
  }
  if (Stall stall = kafka_stall(); stall.reason != StallReason::flowing) return stall;
  if (outbox_ && outbox_->stalled()) {
    return {StallReason::dead_letter_unwritable,
            "topic " + options_.pipeline.dead_letter->topic + ": " + *outbox_->stalled(),
            "it is written again within 30 s"};
  }
  if (operator_pause_.on()) return pause_stall();
  return target_stall();
}

Stall Session::kafka_stall() const {
  if (cut_off_) return *cut_off_;
  if (not_let_in_ && kafka_trouble_) {
    // Whichever was mended first is not told before both are.
    Stall both = *not_let_in_;
    both.detail += "; and " + kafka_trouble_->detail;
    return both;
  }
  if (not_let_in_) return *not_let_in_;
  if (kafka_trouble_) return *kafka_trouble_;
  if (!joined_) {
    return {StallReason::starting, "joining group " + options_.pipeline.group,
            "the group gives it partitions"};
  }
  if (unsure_of_membership_ && has_read_anything()) {
    return {StallReason::membership_unsure,
            "the process was frozen; nothing is sent until the broker confirms that it is still "
            "a member of its group",
            "the broker answers"};
  }
  return commit_stall();
}

Stall Session::commit_stall() const {
  const auto too_long = [&](const std::optional<Instant>& since) {
    return since && parts_.clock.now() - *since > kSlowCommit;
  };
  if (too_long(after_pause_) || too_long(commit_withheld_since_)) {
    return {
        StallReason::commit_failing,
        "the group's last commits are asked for, since anything may have happened to them while "
        "the process stood still or brokers did not answer; until they are seen nothing is "
        "committed" +
            (look_error_.empty() ? std::string() : " (" + look_error_ + ")"),
        "they are asked for again"};
  }
  if (committer_.failures() >= kFailuresToName || commit_is_slow()) {
    return {StallReason::commit_failing,
            "the broker does not confirm commits; sending stops at max_unconfirmed_batches",
            "the commit is made again"};
  }
  return {};
}

Stall Session::target_stall() const {
  const auto& held = deliverer_.held_back();
  if (!held) return {};
  // A budget spaces requests out all the time; that is how it should flow.
  const Duration wait = held->until - parts_.clock.now();
  if (held->reason == StallReason::rate_limited && wait < kSlowBudget) return {};
  return stall_of(*held);
}

// Each of its batches may wait for a try of its own while the target is closed, and ask for
// nothing.
Stall Session::closed_stall() const {
  if (deliverer_.idle()) return {};
  const auto closed = admission_.closed_by(parts_.clock.now());
  return closed ? stall_of(*closed) : Stall{};
}

Stall Session::stall_of(const deliver::Admission::Closed& closed) const {
  Stall stall{closed.reason, "target " + options_.target.name + ": " + closed.detail};
  switch (closed.reason) {
    case StallReason::refusal_guard:
      stall.next = "nothing is sent before somebody has looked";
      stall.release = {act_command("retry", options_.pipeline.name)};
      break;
    case StallReason::throttled:
    case StallReason::rate_limited:
      stall.next = "requests go on";
      stall.next_at = closed.until;
      break;
    default:
      stall.next = kOneTriesAgain;
      stall.next_at = closed.until;
      stall.release = {act_command("retry", options_.pipeline.name)};
  }
  return stall;
}

// What holds this one partition up; the worker's own trouble stands above it.
Stall Session::stall_of(const Partition& partition) const {
  if (!partition.blocked.empty()) return blocked_stall(partition);
  if (!partition.refused.empty()) {
    return {StallReason::kafka_error, partition.refused, "Kafka is asked again all the time"};
  }
  if (!partition.untold.empty() && !topic_watch_.may_commit(partition.lane)) {
    return {StallReason::commit_failing,
            partition.untold +
                "; nothing of it is committed before the brokers show the group's "
                "last commit; check that we may read the topic",
            "it is asked for again all the time"};
  }
  // What would be tried again is not, meanwhile.
  if (operator_pause_.holds_requests()) {
    return operator_pause_.stall(options_.pipeline.name, {});
  }
  if (const auto suspect = deliverer_.suspect(partition.lane)) {
    return pipeline::stall_of(*suspect, partition, options_.pipeline);
  }
  if (const auto standing = deliverer_.standing(partition.lane)) {
    Stall stall = stall_of(*standing);
    stall.detail += others_wait(partition, options_.pipeline) ? kAllWait : "; other tenants go on";
    return stall;
  }
  return waiting_stall(partition);
}

// Of a tenant whose records stand still by themselves.
Stall Session::stall_of(const deliver::Deliverer::StandingTenant& standing) const {
  if (!standing.next_try) {
    return {StallReason::unauthorized, standing.words, kOtherConfiguration};
  }
  return {StallReason::unauthorized,
          standing.words,
          kOneTriesAgain,
          standing.next_try,
          {act_command("retry", options_.pipeline.name)}};
}

Stall Session::blocked_stall(const Partition& partition) const {
  const bool gone = partition.out_of_range;
  const std::string resume = act_command("resume-from", options_.pipeline.name, partition.of);
  Stall stall{gone ? StallReason::offset_out_of_range : StallReason::no_dead_letter_topic,
              partition.blocked, "it waits for an operator"};
  if (gone) {
    stall.release = {resume + " --offset earliest", resume + " --offset latest"};
  } else if (partition.blocked_at) {
    stall.release = {resume + " --offset " + std::to_string(*partition.blocked_at + 1)};
  }
  return stall;
}

Stall Session::waiting_stall(const Partition& partition) const {
  const Instant now = parts_.clock.now();
  const auto since = deliverer_.in_flight_since(partition.lane);
  if (since && now - *since > kSlowAnswer) {
    return {
        StallReason::awaiting_answer,
        "target " + options_.target.name + " has not answered for " + whole_seconds(now - *since),
        "the request is given up and sent again", *since + options_.target.timeout};
  }
  if (partition.strands.closed() > 0 && deliverer_.idle(partition.lane) &&
      others_wait(partition, options_.pipeline)) {
    return {StallReason::unconfirmed_limit,
            std::to_string(partition.sent.unconfirmed()) + " batches are sent and not committed",
            "the next follows when a commit or a dead letter is confirmed"};
  }
  if (partition.full_since && now - *partition.full_since > kLongWithoutRoom &&
      partition.strands.closed() == 0 && deliverer_.idle(partition.lane)) {
    return {StallReason::memory_full,
            "what other partitions hold leaves no room for its records (" +
                std::to_string(meter_.used() >> 20) + " of the worker's " +
                std::to_string(memory_share_ >> 20) +
                " MiB); raise memory.budget, or make batches smaller",
            "it goes on as they get rid of theirs"};
  }
  return {};
}

bool Session::commit_is_slow() const {
  return committer_.outstanding() && parts_.clock.now() - commit_sent_at_ > kSlowCommit;
}

// Where nothing was read there is nothing to hold back, and nothing to prove membership with.
bool Session::has_read_anything() const {
  return std::any_of(partitions_.begin(), partitions_.end(),
                     [](const auto& entry) { return entry.second.first_offset.has_value(); });
}

// As others see it: also what it waits for with its whole worker, and what is tried again beside
// others that flow.
Stall Session::shown_stall(const Partition& partition) const {
  Stall stall = stall_of(partition);
  const bool waits = !deliverer_.idle(partition.lane) && !deliverer_.in_flight(partition.lane);
  if (stall.reason == StallReason::flowing && (waits || operator_pause_.on())) {
    stall = worker_stall();
  }
  if (stall.reason == StallReason::flowing && !deliverer_.idle(partition.lane)) {
    stall = closed_stall();
  }
  if (stall.reason == StallReason::flowing) {
    if (const auto retrying = deliverer_.retrying(partition.lane)) {
      stall = pipeline::stall_of(*retrying);
    }
  }
  const auto lone = deliverer_.lone_failure(partition.lane);
  if (lone && stall.reason == StallReason::breaker_open) {
    stall.detail += "; it may be only offset " + std::to_string(*lone) + " that fails";
    stall.release.push_back(act_command("dead-letter", options_.pipeline.name, partition.of));
  }
  return stall;
}

}  // namespace sluice::pipeline
