#include <algorithm>

#include "check/kafka_parts.h"
#include "check/words.h"

namespace sluice::check {
namespace {

std::string start_of(const config::Pipeline& pipeline) {
  switch (pipeline.start) {
    case config::Start::earliest:
      return "earliest";
    case config::Start::latest:
      return "latest";
    case config::Start::time:
      return "the time of " + key_of("pipelines", pipeline.name, "start");
  }
  return {};
}

// Whether the group may be used at all, as far as anybody tells.
std::optional<Error> trouble_with(KafkaCheck& check, const std::string& group,
                                  const kafka::GroupFacts& facts) {
  auto access = kafka::Access::denied;
  if (facts.presence != kafka::Presence::hidden) access = check.probe.join_group(group);
  if (access == kafka::Access::unknown) check.unproven.push_back("join group " + group);
  if (access != kafka::Access::denied) return std::nullopt;
  return Error{"group " + group + ": " + check.tools.who() + " may not join it",
               "allow it: " + check.tools.allow("Read", "--group " + group)};
}

// A static member of that id would be thrown out of the group by ours.
void check_instance_ids(KafkaCheck& check, const config::Pipeline& pipeline,
                        const kafka::GroupFacts& facts) {
  if (!check.config.instance_id) return;
  for (std::uint32_t worker = 0; worker < pipeline.workers; ++worker) {
    const std::string id =
        *check.config.instance_id + "-" + pipeline.name + "-" + std::to_string(worker);
    const auto& taken = facts.instance_ids;
    if (std::find(taken.begin(), taken.end(), id) == taken.end()) continue;
    check.report.warn("instance_id",
                      "group " + pipeline.group + ": has a member " + id +
                          " already, which another of the same id would throw out",
                      "give each replica an instance_id of its own; if that member is this "
                      "replica, all is well");
    return;
  }
}

struct Progress {
  std::uint64_t behind = 0;
  std::vector<std::string> outside;  // of the topic: "events/2 at 10, not in 50 to 100"
  std::string topic;                 // of the first of them
};

Result<Progress> progress_of(KafkaCheck& check, const kafka::GroupFacts& facts) {
  Progress progress;
  for (const auto& [partition, offset] : facts.committed) {
    const auto range = check.probe.range(partition);
    if (!range) return tl::unexpected(range.error());
    if (offset >= range->first && offset <= range->end) {
      progress.behind += static_cast<std::uint64_t>(range->end - offset);
      continue;
    }
    if (progress.outside.empty()) progress.topic = partition.topic;
    progress.outside.push_back(partition.topic + "/" + std::to_string(partition.partition) +
                               " at " + std::to_string(offset) + ", not in " +
                               std::to_string(range->first) + " to " + std::to_string(range->end));
  }
  return progress;
}

void report_progress(KafkaCheck& check, const std::string& key, const config::Pipeline& pipeline,
                     const kafka::GroupFacts& facts, std::size_t partitions) {
  const auto progress = progress_of(check, facts);
  if (!progress) {
    check.report.fail(key, progress.error());
  } else if (!progress->outside.empty()) {
    check.report.fail(
        key, {"group " + pipeline.group + ": committed offsets are out of range (" +
                  listed(progress->outside) +
                  "): records were deleted before they were read, or the topic was made anew",
              "stop the group and say where it goes on: " +
                  check.tools.reset_offsets(pipeline.group, progress->topic)});
  } else {
    check.report.ok(key, "group " + pipeline.group + ": " + facts.state + ", " +
                             counted(facts.members, "member") + ", offsets of " +
                             std::to_string(facts.committed.size()) + " of " +
                             counted(partitions, "partition") + ", " +
                             counted(progress->behind, "record") + " behind");
  }
}

}  // namespace

void check_group(KafkaCheck& check, const config::Pipeline& pipeline,
                 const std::vector<TopicPartition>& partitions) {
  const std::string key = key_of("pipelines", pipeline.name, "group");
  const auto facts = check.probe.group(pipeline.group, partitions);
  const auto trouble =
      facts ? trouble_with(check, pipeline.group, *facts) : std::optional(facts.error());
  if (trouble) {
    check.report.fail(key, *trouble);
  } else if (facts->presence == kafka::Presence::missing) {
    check.report.ok(key, "group " + pipeline.group + ": new, starts at " + start_of(pipeline));
  } else {
    check_instance_ids(check, pipeline, *facts);
    report_progress(check, key, pipeline, *facts, partitions.size());
  }
}

}  // namespace sluice::check
