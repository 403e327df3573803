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

Result<Session::AssignmentFacts> Session::look_up_facts(
    const kafka::Consumer& consumer, const std::vector<TopicPartition>& partitions,
    const WorkerOptions& options) {
  AssignmentFacts facts;
  auto committed = kafka::committed_offsets(consumer, partitions);
  if (!committed) return tl::unexpected(committed.error());
  facts.committed = std::move(*committed);
  auto cluster_id = kafka::cluster_id(consumer);
  if (!cluster_id) return tl::unexpected(cluster_id.error());
  facts.cluster_id = std::move(*cluster_id);
  const auto& limits = options.target.rate_limit;
  const bool divided = std::any_of(limits.begin(), limits.end(),
                                   [](const auto& limit) { return limit.share_by_group; });
  if (!divided) return facts;
  const auto all = partitions_of_group(consumer, options);
  if (!all) return tl::unexpected(all.error());
  facts.partitions_of_group = *all;
  return facts;
}

void Session::begin_assign(std::vector<TopicPartition> partitions) {
  joined_ = true;
  unsure_of_membership_ = false;  // the group has just said so
  kafka_trouble_.reset();
  assigning_ = std::move(partitions);
  ++assign_round_;
  if (assigning_->empty()) {
    finish_assign({});
    return;
  }
  look_up_offsets();
}

void Session::look_up_offsets() {
  background_->run_next(off_loop([this, consumer = consumer_.get(), partitions = *assigning_,
                                  round = assign_round_]() -> std::function<void()> {
    auto facts = look_up_facts(*consumer, partitions, options_);
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
    if (offset) {
      auto ahead = commit::decode(known->second.metadata, origin_of(of), *offset);
      if (ahead) partition.ledger.restore(std::move(*ahead));
    }
    // A partition the group has no offset of is new, or the whole group is: `start: latest` has
    // committed one for each partition before anybody joined.
    starts.push_back({of, offset.value_or(kafka::kBeginning), {}});
  }
  assigning_.reset();
  kafka_trouble_.reset();
  tell_share(parts_.clock.now());
  if (const auto done = consumer_->assign(starts); !done) {
    dead_ = true;
    fatal_error_ = done.error().text();
  }
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
  committer_.add_lane(lane, offset);
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
