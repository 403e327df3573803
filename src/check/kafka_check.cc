#include "check/kafka_check.h"

#include <algorithm>

#include "check/kafka_parts.h"
#include "check/words.h"
#include "commit/metadata.h"
#include "kafka/options.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

// Those that answer.
std::vector<kafka::BrokerFacts> check_brokers(kafka::ClusterProbe& probe, Report& report) {
  const auto cluster = probe.cluster();
  if (!cluster) {
    report.fail("kafka", cluster.error());
    return {};
  }
  std::vector<kafka::BrokerFacts> brokers;
  std::vector<std::string> answering;
  for (const auto& broker : cluster->brokers) {
    if (!broker.trouble.empty()) continue;
    brokers.push_back(broker);
    answering.push_back(broker.address);
  }
  if (!answering.empty()) {
    report.ok("kafka", counted(answering.size(), "broker") +
                           (answering.size() == 1 ? " answers (" : " answer (") +
                           listed(answering) + ")" +
                           (cluster->id.empty() ? "" : ", Kafka cluster id " + cluster->id));
  }
  for (const auto& broker : cluster->brokers) {
    if (broker.trouble.empty()) continue;
    report.fail("kafka", {"the cluster sends us to " + broker.address +
                              ", where no broker answers: " + broker.trouble,
                          "let this machine reach that address, or correct advertised.listeners "
                          "of the broker"});
  }
  return brokers;
}

// Whether the brokers take the commits of pipelines that may run ahead: what finished beyond the
// offset stands in their metadata.
void check_commits(KafkaCheck& check, const std::vector<kafka::BrokerFacts>& brokers) {
  std::vector<std::string> pipelines;
  for (const auto& pipeline : check.config.pipelines) {
    const config::Target& target = check.config.targets.at(pipeline.target);
    if (pipeline::may_run_ahead(pipeline, target)) {
      pipelines.push_back(key_of("pipelines", pipeline.name));
    }
  }
  if (pipelines.empty()) return;
  const std::string most = std::to_string(commit::kMostMetadata);
  for (const auto& broker : brokers) {
    if (!broker.metadata_bytes) {
      check.untold.push_back("broker " + broker.address);
    } else if (*broker.metadata_bytes < commit::kMostMetadata) {
      check.report.warn("kafka",
                        "broker " + broker.address + ": offset.metadata.max.bytes is " +
                            std::to_string(*broker.metadata_bytes) + ", but commits of " +
                            listed(pipelines) + " may have " + most +
                            " bytes of metadata: it would refuse those",
                        "set offset.metadata.max.bytes=" + most +
                            " in the properties of each broker, and restart it");
    }
  }
}

// Pipelines may share topics.
std::vector<std::string> each_once(const std::vector<std::string>& things) {
  std::vector<std::string> once;
  for (const auto& thing : things) {
    if (std::find(once.begin(), once.end(), thing) == once.end()) once.push_back(thing);
  }
  return once;
}

// That it may not be asked keeps no pipeline from running.
void report_untold(const KafkaCheck& check) {
  if (check.untold.empty()) return;
  check.report.ok("kafka", check.tools.who() + " is not told the settings of " +
                               listed(each_once(check.untold)) +
                               ", which are not checked: the right DescribeConfigs would do");
}

void report_unproven(const KafkaCheck& check) {
  if (check.unproven.empty()) return;
  check.report.warn("kafka",
                    "nobody says whether " + check.tools.who() + " may " +
                        listed(each_once(check.unproven)) +
                        ": librdkafka asks from 2.3 on (this is " + kafka::library_version_text() +
                        ") and brokers answer from 2.3 on",
                    "where rights are given out, see " + check.tools.list_rights());
}

}  // namespace

PartitionMap check_kafka(const config::Config& config, kafka::ClusterProbe& probe, Report& report) {
  PartitionMap partitions;
  const auto brokers = check_brokers(probe, report);
  if (brokers.empty()) return partitions;
  KafkaCheck check{config, probe, report, KafkaTools(config.kafka)};
  check_commits(check, brokers);
  for (const auto& pipeline : config.pipelines) {
    auto& own = partitions[pipeline.name] = check_topics(check, pipeline);
    check_workers(check, pipeline, own);
    check_dead_letter(check, pipeline);
    check_group(check, pipeline, own);
  }
  report_unproven(check);
  report_untold(check);
  return partitions;
}

}  // namespace sluice::check
