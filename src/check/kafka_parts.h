// The parts of check_kafka(). Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "check/kafka_check.h"
#include "check/kafka_tools.h"

namespace sluice::check {

struct KafkaCheck {
  const config::Config& config;
  kafka::ClusterProbe& probe;
  Report& report;
  KafkaTools tools;
  std::vector<std::string> unproven{};  // rights that only trying would prove: "write to x"
  std::vector<std::string> untold{};    // whose settings we may not read: "topic x"
};

// The partitions of those of the pipeline's topics that can be read.
std::vector<TopicPartition> check_topics(KafkaCheck& check, const config::Pipeline& pipeline);
void check_workers(KafkaCheck& check, const config::Pipeline& pipeline,
                   const std::vector<TopicPartition>& partitions);
void check_dead_letter(KafkaCheck& check, const config::Pipeline& pipeline);
void check_group(KafkaCheck& check, const config::Pipeline& pipeline,
                 const std::vector<TopicPartition>& partitions);

}  // namespace sluice::check
