#include "check/kafka_check.h"

#include "check/kafka_parts.h"
#include "check/words.h"
#include "kafka/options.h"

namespace sluice::check {
namespace {

bool check_brokers(kafka::ClusterProbe& probe, Report& report) {
  const auto cluster = probe.cluster();
  if (!cluster) {
    report.fail("kafka", cluster.error());
    return false;
  }
  std::vector<std::string> answering;
  for (const auto& broker : cluster->brokers) {
    if (broker.trouble.empty()) answering.push_back(broker.address);
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
  return !answering.empty();
}

void report_unproven(const KafkaCheck& check) {
  if (check.unproven.empty()) return;
  check.report.warn("kafka",
                    "nobody says whether " + check.tools.who() + " may " + listed(check.unproven) +
                        ": librdkafka asks from 2.3 on (this is " + kafka::library_version_text() +
                        ") and brokers answer from 2.3 on",
                    "where rights are given out, see " + check.tools.list_rights());
}

}  // namespace

PartitionMap check_kafka(const config::Config& config, kafka::ClusterProbe& probe, Report& report) {
  PartitionMap partitions;
  if (!check_brokers(probe, report)) return partitions;
  KafkaCheck check{config, probe, report, KafkaTools(config.kafka)};
  for (const auto& pipeline : config.pipelines) {
    auto& own = partitions[pipeline.name] = check_topics(check, pipeline);
    check_workers(check, pipeline, own);
    check_dead_letter(check, pipeline);
    check_group(check, pipeline, own);
  }
  report_unproven(check);
  return partitions;
}

}  // namespace sluice::check
