// What a partition begins with.
#include <algorithm>
#include <atomic>
#include <utility>

#include "kafka/offset_lookup.h"
#include "kafka/start_position.h"
#include "pipeline/options_of.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

// Never used again in this process, whichever session it belongs to.
LaneId next_lane() {
  static std::atomic<LaneId> last{0};
  return ++last;
}

// An election takes its time; after that, sending something again is better than not to start.
constexpr std::uint32_t kLogEndTries = 3;

// How many partitions the members of the group have together.
Result<std::size_t> partitions_of_group(const kafka::Consumer& consumer,
                                        const WorkerOptions& options) {
  auto topics = kafka::topics_of(consumer, {options.pipeline.topics, options.pipeline.patterns,
                                            options.consumer.never_matched});
  if (!topics) return tl::unexpected(topics.error());
  const auto partitions = kafka::partitions_of(consumer, *topics);
  if (!partitions) return tl::unexpected(partitions.error());
  return partitions->size();
}

}  // namespace

Result<Session::AssignmentFacts> Session::look_up_facts(const kafka::Consumer& consumer,
                                                        const AssignmentQuestion& question,
                                                        const WorkerOptions& options) {
  AssignmentFacts facts;
  auto committed = kafka::committed_offsets(consumer, question.partitions);
  if (!committed) return tl::unexpected(committed.error());
  facts.committed = std::move(*committed);
  const auto cluster_id = kafka::cluster_id(consumer);
  if (!cluster_id) return tl::unexpected(cluster_id.error());
  facts.cluster_id = cluster_id->empty() ? question.cluster_id : *cluster_id;
  if (auto done = look_up_ahead(consumer, question.last_try, facts); !done) {
    return tl::unexpected(done.error());
  }
  const auto& limits = options.target.rate_limit;
  const bool divided = std::any_of(limits.begin(), limits.end(),
                                   [](const auto& limit) { return limit.share_by_group; });
  if (!divided) return facts;
  const auto all = partitions_of_group(consumer, options);
  if (!all) return tl::unexpected(all.error());
  facts.partitions_of_group = *all;
  return facts;
}

// What was kept of each, and whether its log still holds that.
Result<void> Session::look_up_ahead(const kafka::Consumer& consumer, bool last_try,
                                    AssignmentFacts& facts) {
  for (const auto& [of, known] : facts.committed) {
    const commit::Origin origin{facts.cluster_id, of.topic, of.partition};
    auto finished = commit::decode(known.metadata, origin, known.offset);
    if (!finished || finished->empty()) continue;
    const auto end = kafka::log_end(consumer, of);
    if (!end && !last_try) return tl::unexpected(end.error());
    facts.ahead[of] = {std::move(*finished), end ? std::optional(*end) : std::nullopt};
  }
  return {};
}

void Session::begin_assign(std::vector<TopicPartition> partitions) {
  joined_ = true;
  unsure_of_membership_ = false;  // the group has just said so
  not_let_in_.reset();
  brokers_serve_us();
  assigning_ = std::move(partitions);
  ++assign_round_;
  assign_tries_ = 0;
  if (assigning_->empty()) {
    finish_assign({});
    return;
  }
  look_up_offsets();
}

void Session::look_up_offsets() {
  AssignmentQuestion question{*assigning_, cluster_id_, ++assign_tries_ >= kLogEndTries};
  background_->run_next(off_loop([this, consumer = consumer_.get(), question = std::move(question),
                                  round = assign_round_]() -> std::function<void()> {
    auto facts = look_up_facts(*consumer, question, options_);
    return [this, round, facts = std::move(facts)] {
      if (!assigning_ || round != assign_round_) return;
      if (facts) {
        finish_assign(*facts);
      } else {
        retry_later(facts.error(), [this, round] {
          if (assigning_ && round == assign_round_) look_up_offsets();
        });
      }
    };
  }));
}

void Session::finish_assign(const AssignmentFacts& facts) {
  std::vector<kafka::PartitionOffset> starts;
  if (!facts.cluster_id.empty()) cluster_id_ = facts.cluster_id;
  // An assignment that brings nothing asks for nothing.
  if (!assigning_->empty()) partitions_of_group_ = facts.partitions_of_group;
  for (const auto& of : *assigning_) {
    const auto known = facts.committed.find(of);
    const auto offset =
        known == facts.committed.end() ? std::nullopt : std::optional(known->second.offset);
    Partition& partition = add_partition(of, offset);
    const auto ahead = facts.ahead.find(of);
    if (ahead != facts.ahead.end()) restore(partition, ahead->second);
    // A partition the group has no offset of is new, or the whole group is: `start: latest` has
    // committed one for each partition before anybody joined.
    starts.push_back({of, offset.value_or(kafka::kBeginning), {}});
  }
  assigning_.reset();
  brokers_serve_us();
  tell_share(parts_.clock.now());
  if (const auto done = consumer_->assign(starts); !done) {
    dead_ = true;
    fatal_error_ = done.error().text();
  }
  hold_partitions();
}

void Session::restore(Partition& partition, const KeptAhead& ahead) {
  if (ahead.log_end && commit::all_within(ahead.finished, *ahead.log_end)) {
    partition.ledger.restore(ahead.finished);
    return;
  }
  // Said at once: the next owner may find a log that reaches there again.
  committer_.note_ahead(partition.lane);
  const std::string why =
      ahead.log_end ? "the log ends at " + std::to_string(*ahead.log_end) +
                          ", so it was cut off or the topic was made anew, and what is there now "
                          "may be other records"
                    : "no broker could say where the log ends";
  parts_.log.write(telemetry::Level::warn, telemetry::Event::finished_records_forgotten,
                   {{"pipeline", options_.pipeline.name},
                    {"worker", options_.number},
                    {"topic", partition.of.topic},
                    {"partition", partition.of.partition},
                    {"ranges", std::uint64_t{ahead.finished.size()}},
                    {"first_offset", ahead.finished.front().first},
                    {"last_offset", ahead.finished.back().last - 1},
                    {"detail", "kept as finished and sent again all the same: " + why}});
}

Partition& Session::add_partition(const TopicPartition& of, std::optional<std::int64_t> offset) {
  const LaneId lane = next_lane();
  auto& partition =
      partitions_
          .try_emplace(lane, lane, of,
                       batch::Strands(of, strands_options_of(options_.pipeline, options_.target),
                                      codec_, router_, pool_))
          .first->second;
  partition.next_offset = offset.value_or(kafka::kBeginning);
  partition.stall_watch.start(parts_.clock.now(), parts_.clock.wall_now());
  committer_.add_lane(lane, offset);
  if (offset) topic_watch_.committed(lane);
  return partition;
}

commit::Origin Session::origin_of(const TopicPartition& of) const {
  return {cluster_id_, of.topic, of.partition};
}

// Of the budgets that replicas divide by the partitions they hold.
void Session::tell_share(Instant now) {
  std::size_t held = 0;
  for (const auto& [lane, partition] : partitions_) held += partition.draining ? 0 : 1;
  admission_.set_partitions(held, partitions_of_group_, now);
}

}  // namespace sluice::pipeline
