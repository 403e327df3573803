// Partitions that no member of the group reads.
#include <algorithm>
#include <utility>

#include "kafka/group_lookup.h"
#include "kafka/offset_lookup.h"
#include "kafka/start_position.h"
#include "pipeline/names.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

// nullopt: somebody did not answer, or the group is in a rebalance.
std::optional<GroupLook> look(const kafka::Consumer& consumer, const WorkerOptions& options) {
  const auto group = kafka::group_assignment(consumer, options.pipeline.group);
  if (!group || !group->stable) return std::nullopt;
  const auto topics = kafka::topics_of(
      consumer,
      {options.pipeline.topics, options.pipeline.patterns, options.consumer.never_matched});
  if (!topics) return std::nullopt;
  const auto partitions = kafka::partitions_of(consumer, *topics);
  if (!partitions) return std::nullopt;
  GroupLook seen;
  for (const auto& of : *partitions) {
    if (!group->owned.contains(of)) seen.unowned.push_back(of);
  }
  seen.before_us = static_cast<std::size_t>(
      std::count_if(group->instance_ids.begin(), group->instance_ids.end(),
                    [&](const auto& id) { return id < *options.consumer.instance_id; }));
  return seen;
}

}  // namespace

// Where no member is static, each start is a rebalance and leaves nothing over.
void Session::look_at_group(Instant now) {
  if (!options_.consumer.instance_id || !settled() || !unowned_.due(now)) return;
  background_->run_soon(off_loop([this, consumer = consumer_.get()]() -> std::function<void()> {
    auto seen = look(*consumer, options_);
    return [this, seen = std::move(seen)]() mutable {
      // A rebalance that has begun since may be the cure.
      if (!settled()) seen.reset();
      const auto unowned = unowned_.seen(seen, parts_.clock.now());
      if (!unowned.empty()) divide_anew(unowned);
    };
  }));
}

bool Session::settled() const {
  return phase_ == Phase::running && joined_ && !unsure_of_membership_ && !kafka_trouble_ &&
         !cut_off_ && !assigning_ && !revoking_ && rebalances_.empty();
}

void Session::divide_anew(const std::vector<TopicPartition>& unowned) {
  parts_.log.write(telemetry::Level::warn, telemetry::Event::partitions_unowned,
                   {{"pipeline", options_.pipeline.name},
                    {"worker", options_.number},
                    {"partitions", names(unowned)},
                    {"detail",
                     "no member of the group reads them: most likely they were added while a "
                     "member with an instance_id was down; leaving the group and joining it "
                     "again, so that it divides its partitions anew"}});
  if (const auto done = consumer_->rejoin(subscription()); !done) {
    dead_ = true;
    fatal_error_ = done.error().text();
  }
}

}  // namespace sluice::pipeline
