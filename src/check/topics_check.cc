#include <algorithm>
#include <set>

#include "check/kafka_parts.h"
#include "check/words.h"
#include "kafka/topic_pattern.h"

namespace sluice::check {
namespace {

bool is_dead_letter_topic(const config::Config& config, const std::string& name) {
  return std::any_of(config.pipelines.begin(), config.pipelines.end(), [&](const auto& pipeline) {
    return pipeline.dead_letter && pipeline.dead_letter->topic == name;
  });
}

std::string subject_of(const config::Pipeline& pipeline) {
  return key_of("pipelines", pipeline.name, "topics");
}

// Named or matched, each once.
std::set<std::string> topics_of(KafkaCheck& check, const config::Pipeline& pipeline) {
  std::set<std::string> topics(pipeline.topics.begin(), pipeline.topics.end());
  if (pipeline.patterns.empty()) return topics;
  const auto names = check.probe.topic_names();
  if (!names) {
    check.report.fail(subject_of(pipeline), names.error());
    return topics;
  }
  for (const std::string& text : pipeline.patterns) {
    const kafka::TopicPattern pattern(text);
    bool matched = false;
    for (const std::string& name : *names) {
      if (!pattern.matches(name) || is_dead_letter_topic(check.config, name)) continue;
      topics.insert(name);
      matched = true;
    }
    if (matched) continue;
    check.report.fail(subject_of(pipeline),
                      {"pattern /" + text + "/: matches no topic that " + check.tools.who() +
                           " can see; dead-letter topics do not count",
                       "create one, or correct " + subject_of(pipeline)});
  }
  return topics;
}

// What stands in the way of reading the topic.
std::optional<Error> trouble_with(KafkaCheck& check, const std::string& name,
                                  const kafka::TopicFacts& facts, const std::string& key) {
  const std::string topic = "topic " + name + ": ";
  const std::string allow = check.tools.allow("Read", "--topic " + name);
  if (facts.presence == kafka::Presence::missing) {
    return Error{topic + "unknown", "create it, or correct " + key};
  }
  if (facts.presence == kafka::Presence::hidden) {
    return Error{topic + "unknown, or " + check.tools.who() + " may not see it",
                 "create it, or allow it: " + allow};
  }
  if (facts.leaderless > 0) {
    return Error{topic + counted(static_cast<std::uint64_t>(facts.leaderless), "partition") +
                     " without a leader",
                 "see to the brokers that hold them"};
  }
  if (check.probe.read_topic(name) == kafka::Access::denied) {
    return Error{topic + check.tools.who() + " may not read it", "allow it: " + allow};
  }
  return std::nullopt;
}

std::string summary_of(const std::vector<std::string>& topics, std::size_t partitions) {
  const std::string rest = counted(partitions, "partition") + ", readable";
  if (topics.size() == 1) return "topic " + topics.front() + ": " + rest;
  return counted(topics.size(), "topic") + " (" + listed(topics) + "): " + rest;
}

// How many members of the group can have partitions at the same time. The range assignor, which
// is the default, gives the first partitions of every topic to the first members.
std::size_t most_busy(const config::Config& config, const std::vector<TopicPartition>& partitions) {
  const auto strategy = config.kafka.properties.find("partition.assignment.strategy");
  const bool by_range =
      strategy == config.kafka.properties.end() || strategy->second.reveal().starts_with("range");
  if (!by_range) return partitions.size();
  std::map<std::string, std::size_t> by_topic;
  std::size_t most = 0;
  for (const auto& partition : partitions) most = std::max(most, ++by_topic[partition.topic]);
  return most;
}

}  // namespace

std::vector<TopicPartition> check_topics(KafkaCheck& check, const config::Pipeline& pipeline) {
  const std::string key = subject_of(pipeline);
  std::vector<std::string> readable;
  std::vector<TopicPartition> partitions;
  for (const std::string& name : topics_of(check, pipeline)) {
    const auto facts = check.probe.topic(name);
    const auto trouble =
        facts ? trouble_with(check, name, *facts, key) : std::optional(facts.error());
    if (trouble) {
      check.report.fail(key, *trouble);
      continue;
    }
    readable.push_back(name);
    for (std::int32_t i = 0; i < facts->partitions; ++i) partitions.push_back({name, i});
  }
  if (!readable.empty()) check.report.ok(key, summary_of(readable, partitions.size()));
  return partitions;
}

void check_workers(KafkaCheck& check, const config::Pipeline& pipeline,
                   const std::vector<TopicPartition>& partitions) {
  const std::size_t busy = most_busy(check.config, partitions);
  if (busy == 0 || pipeline.workers <= busy) return;
  const std::string key = key_of("pipelines", pipeline.name, "workers");
  check.report.warn(
      key,
      counted(pipeline.workers, "worker") + ", but partitions for " + std::to_string(busy) +
          " of them only: the others are idle",
      "lower " + key + " to " + std::to_string(busy) + ", or add partitions to the topics");
}

}  // namespace sluice::check
