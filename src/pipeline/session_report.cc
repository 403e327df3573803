// What others see of a session: metrics, /status, and one log line when it stalls or flows again.
#include <algorithm>
#include <atomic>
#include <utility>

#include "kafka/offset_lookup.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kReportEvery = std::chrono::seconds(1);
constexpr Duration kLogEndsEvery = std::chrono::seconds(5);
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

std::string whole_seconds(Duration duration) {
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::max(duration, Duration::zero()));
  return std::to_string(seconds.count()) + " s";
}

// What an operator needs to know of a record that stands still by itself.
std::string words_of(const deliver::Deliverer::Suspect& suspect, const Partition& partition,
                     const config::Pipeline& pipeline, Instant now) {
  std::string words = "offset " + std::to_string(suspect.offset) + " of " + partition.of.topic +
                      "/" + std::to_string(partition.of.partition) +
                      " fails alone, and nothing else tells whether it or the target is bad (" +
                      suspect.trouble + "); next try in " + whole_seconds(suspect.next_try - now) +
                      ", or POST /-/pipelines/" + pipeline.name + "/dead-letter or /retry";
  if (partition.sent.unconfirmed() >= pipeline.max_unconfirmed_batches) words += kAllWait;
  return words;
}

// What an operator needs to know of a tenant whose records stand still by themselves.
std::string words_of(const deliver::Deliverer::StandingTenant& standing, const Partition& partition,
                     const config::Pipeline& pipeline, Instant now) {
  std::string words = standing.words;
  if (standing.next_try) words += "; next try in " + whole_seconds(*standing.next_try - now);
  if (partition.sent.unconfirmed() >= pipeline.max_unconfirmed_batches) return words += kAllWait;
  return words + "; other tenants go on";
}

// Why a partition has lag while nothing holds up the target.
std::string words_of(const deliver::Deliverer::Retrying& retrying, Instant now) {
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
  if (retrying.under_way) return words + "; being tried now";
  return words + "; next try in " + whole_seconds(retrying.next_try - now);
}

}  // namespace

void Session::report(Instant now) {
  const Stall stall = current_stall();
  const StallReason was = stall_watch_.current().reason;
  const auto held = stall_watch_.update(stall, now, parts_.clock.wall_now());
  if (!held && now < next_report_) return;
  if (held) {
    const bool flows = stall.reason == StallReason::flowing;
    const bool wanted = flows || stall.reason == StallReason::stopping;
    parts_.log.write(
        wanted ? telemetry::Level::info : telemetry::Level::warn,
        flows ? telemetry::Event::pipeline_flowing : telemetry::Event::pipeline_stalled,
        {{"pipeline", options_.pipeline.name},
         {"worker", options_.number},
         {"reason", std::string(to_string(stall.reason))},
         {"detail", stall.detail},
         {"was", std::string(to_string(was))},
         {"for_ms", std::chrono::duration_cast<std::chrono::milliseconds>(*held).count()}});
  }
  if (was != StallReason::flowing) parts_.metrics.stalled(was, now - last_report_);
  last_report_ = now;
  next_report_ = now + kReportEvery;
  if (commit_unanswered_for() > kSlowCommit) doubt_brokers_ = true;
  update_lag();
  look_up_log_ends(now);
  look_at_group(now);
  std::size_t unconfirmed = 0;
  for (const auto& [lane, partition] : partitions_) unconfirmed += partition.sent.unconfirmed();
  parts_.metrics.set_worker(options_.number, meter_.used() + (outbox_ ? outbox_->bytes() : 0),
                            deliverer_.requests_in_flight(), unconfirmed);
  parts_.status.publish(options_.pipeline.name, options_.number, status_now());
  parts_.status.beat(options_.pipeline.name, options_.number);
}

Stall Session::current_stall() const {
  if (Stall stall = worker_stall(); stall.reason != StallReason::flowing) return stall;
  for (const auto& [lane, partition] : partitions_) {
    if (Stall stall = stall_of(partition); stall.reason != StallReason::flowing) return stall;
  }
  return {};
}

// What holds up all of its partitions.
Stall Session::worker_stall() const {
  if (phase_ == Phase::stopping) {
    return {StallReason::stopping, "waiting for the answers to what was sent"};
  }
  if (cut_off_) return *cut_off_;
  if (not_let_in_ && kafka_trouble_) {
    // Whichever was mended first is not told before both are.
    return {not_let_in_->reason, not_let_in_->detail + "; and " + kafka_trouble_->detail};
  }
  if (not_let_in_) return *not_let_in_;
  if (kafka_trouble_) return *kafka_trouble_;
  if (!joined_) return {StallReason::starting, "joining group " + options_.pipeline.group};
  if (unsure_of_membership_ && has_read_anything()) {
    return {StallReason::membership_unsure,
            "the process was frozen; nothing is sent until the broker confirms that it is still "
            "a member of its group"};
  }
  const auto too_long = [&](const std::optional<Instant>& since) {
    return since && parts_.clock.now() - *since > kSlowCommit;
  };
  if (too_long(after_pause_) || too_long(commit_withheld_since_)) {
    return {
        StallReason::commit_failing,
        "the group's last commits are asked for, since anything may have happened to them while "
        "the process stood still or brokers did not answer; until they are seen nothing is "
        "committed" +
            (look_error_.empty() ? std::string() : " (" + look_error_ + ")")};
  }
  if (committer_.failures() >= kFailuresToName || commit_unanswered_for() > kSlowCommit) {
    return {StallReason::commit_failing,
            "the broker does not confirm commits; sending stops at max_unconfirmed_batches"};
  }
  if (outbox_ && outbox_->stalled()) {
    return {StallReason::dead_letter_unwritable, "topic " + options_.pipeline.dead_letter->topic +
                                                     ": " + *outbox_->stalled() +
                                                     "; tried again within 30 s"};
  }
  if (const auto& held = deliverer_.held_back()) {
    const Duration wait = held->until - parts_.clock.now();
    // A budget spaces requests out all the time; that is how it should flow.
    if (held->reason != StallReason::rate_limited || wait >= kSlowBudget) {
      const bool waits_for_a_person = held->reason == StallReason::refusal_guard;
      return {held->reason, "target " + options_.target.name + ": " + held->detail +
                                (waits_for_a_person ? "" : "; next try in " + whole_seconds(wait))};
    }
  }
  return {};
}

// What holds this one partition up; the worker's own trouble stands above it.
Stall Session::stall_of(const Partition& partition) const {
  if (!partition.blocked.empty()) {
    return {partition.out_of_range ? StallReason::offset_out_of_range
                                   : StallReason::no_dead_letter_topic,
            partition.blocked};
  }
  if (!partition.refused.empty()) return {StallReason::kafka_error, partition.refused};
  if (!partition.untold.empty() && !topic_watch_.may_commit(partition.lane)) {
    return {StallReason::commit_failing,
            partition.untold +
                "; nothing of it is committed before the brokers show the group's "
                "last commit; check that we may read the topic; tried again all "
                "the time"};
  }
  const Instant now = parts_.clock.now();
  if (const auto suspect = deliverer_.suspect(partition.lane)) {
    return {StallReason::suspect_record, words_of(*suspect, partition, options_.pipeline, now)};
  }
  if (const auto standing = deliverer_.standing(partition.lane)) {
    return {StallReason::unauthorized, words_of(*standing, partition, options_.pipeline, now)};
  }
  const auto since = deliverer_.in_flight_since(partition.lane);
  if (since && now - *since > kSlowAnswer) {
    return {StallReason::awaiting_answer,
            "target " + options_.target.name + " has not answered for " +
                whole_seconds(now - *since) + "; given up after its timeout"};
  }
  if (partition.strands.closed() > 0 && deliverer_.idle(partition.lane) &&
      partition.sent.unconfirmed() >= options_.pipeline.max_unconfirmed_batches) {
    return {StallReason::unconfirmed_limit,
            std::to_string(partition.sent.unconfirmed()) +
                " batches are sent and not committed; the next follows when a commit or a dead "
                "letter is confirmed"};
  }
  if (partition.full_since && now - *partition.full_since > kLongWithoutRoom &&
      partition.strands.closed() == 0 && deliverer_.idle(partition.lane)) {
    return {StallReason::memory_full,
            "what other partitions hold leaves no room for its records (" +
                std::to_string(meter_.used() >> 20) + " of the worker's " +
                std::to_string(memory_share_ >> 20) +
                " MiB); it goes on as they get rid of theirs; raise memory.budget, or make "
                "batches smaller"};
  }
  return {};
}

Duration Session::commit_unanswered_for() const {
  return committer_.outstanding() ? parts_.clock.now() - commit_sent_at_ : Duration::zero();
}

// Where nothing was read there is nothing to hold back, and nothing to prove membership with.
bool Session::has_read_anything() const {
  return std::any_of(partitions_.begin(), partitions_.end(),
                     [](const auto& entry) { return entry.second.first_offset.has_value(); });
}

telemetry::WorkerStatus Session::status_now() const {
  telemetry::WorkerStatus status = totals_;
  status.reason = stall_watch_.current().reason;
  status.detail = stall_watch_.current().detail;
  status.since = stall_watch_.since();
  status.joined = joined_;
  status.last_error = deliverer_.last_error();
  for (const auto& [lane, partition] : partitions_) {
    status.partitions.push_back(status_of(partition));
  }
  return status;
}

telemetry::PartitionStatus Session::status_of(const Partition& partition) const {
  telemetry::PartitionStatus status;
  status.topic = partition.of.topic;
  status.partition = partition.of.partition;
  Stall stall = stall_of(partition);
  // Its batch waits for what holds the whole worker up.
  const bool waits = !deliverer_.idle(partition.lane) && !deliverer_.in_flight(partition.lane);
  if (stall.reason == StallReason::flowing && waits) stall = worker_stall();
  if (stall.reason == StallReason::flowing) {
    if (const auto retrying = deliverer_.retrying(partition.lane)) {
      stall = {StallReason::retrying, words_of(*retrying, parts_.clock.now())};
    }
  }
  status.reason = stall.reason;
  status.detail = std::move(stall.detail);
  const auto lone = deliverer_.lone_failure(partition.lane);
  if (lone && status.reason == StallReason::breaker_open) {
    status.detail += "; if it is only offset " + std::to_string(*lone) +
                     " that fails, POST /-/pipelines/" + options_.pipeline.name +
                     "/dead-letter gives it up";
  }
  status.committed = committer_.committed(partition.lane).value_or(-1);
  status.log_end = partition.log_end.value_or(-1);
  status.lag = partition.lag().value_or(-1);
  status.in_flight = deliverer_.in_flight(partition.lane);
  status.unconfirmed_batches = static_cast<std::uint32_t>(partition.sent.unconfirmed());
  return status;
}

void Session::update_lag() {
  for (auto& [lane, partition] : partitions_) {
    // While it is paused nothing is fetched, and what the last fetch saw grows old.
    if (!partition.paused) {
      if (const auto end = consumer_->known_log_end(partition.of)) partition.log_end = end;
      // A fetch that shows another end was granted.
      if (consumer_->known_log_end(partition.of) != partition.log_end_when_refused) {
        partition.refused.clear();
      }
    }
    partition.committed = committer_.committed(lane);
    if (const auto lag = partition.lag()) {
      parts_.metrics.set_lag(partition.of.topic, partition.of.partition, *lag);
    }
  }
}

void Session::look_up_log_ends(Instant now) {
  if (looking_up_log_ends_ || now < next_log_end_lookup_) return;
  std::vector<std::pair<LaneId, TopicPartition>> wanted;
  for (const auto& [lane, partition] : partitions_) {
    if (partition.paused || !partition.log_end || partition.out_of_range || kafka_trouble_ ||
        cut_off_) {
      wanted.emplace_back(lane, partition.of);
    }
  }
  if (wanted.empty()) return;
  looking_up_log_ends_ = true;
  next_log_end_lookup_ = now + kLogEndsEvery;
  background_->run_soon(off_loop([this, consumer = consumer_.get(), cancelled = cancelled_,
                                  wanted = std::move(wanted)]() -> std::function<void()> {
    std::vector<std::pair<LaneId, std::int64_t>> ends;
    for (const auto& [lane, of] : wanted) {
      if (*cancelled) break;
      const auto end = kafka::log_end(*consumer, of);
      if (!end) break;  // the others would wait as long for the same answer
      ends.emplace_back(lane, *end);
    }
    return [this, ends = std::move(ends)] {
      looking_up_log_ends_ = false;
      for (const auto& [lane, end] : ends) {
        const auto found = partitions_.find(lane);
        if (found != partitions_.end()) found->second.log_end = end;
      }
    };
  }));
}

}  // namespace sluice::pipeline
