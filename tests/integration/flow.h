// What the integration tests share: the configuration of a run, numbered records, and what Sluice
// says of itself. The API they flow into: recording_api.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "integration/recording_api.h"
#include "support/kafka_broker.h"
#include "support/process.h"

namespace sluice::test {

// A configuration for SluiceProcess. `keys` are further
// keys in flow style, such as "timeout: 1s, circuit_breaker: {open_for: 1s}".
class FlowConfig {
 public:
  explicit FlowConfig(const KafkaBroker& broker) : brokers_(broker.brokers()) {}

  // librdkafka properties in flow style, such as "session.timeout.ms: 6000".
  FlowConfig& kafka(const std::string& properties);
  // Reaches the brokers there instead, with further keys of the section kafka, such as "tls: on".
  FlowConfig& through(const std::string& brokers, const std::string& keys);
  // Lets this token act through the admin port.
  FlowConfig& admin_token(const std::string& token);
  // Every line is written at "debug"; else those that come in floods are held back.
  FlowConfig& log_level(const std::string& level) {
    log_level_ = level;
    return *this;
  }
  // A line of the top level, such as "memory: {budget: 64MiB}".
  FlowConfig& top(const std::string& line);
  FlowConfig& target(const std::string& name, const std::string& url, const std::string& keys = "");
  // Reads `topic` in group_of(topic), to path "/<name>" of the target added last. Without a
  // dead-letter topic `dead_letter` is none; its further keys follow it: "t.dlq, max_bytes: 2MiB".
  FlowConfig& pipeline(const std::string& name, const std::string& topic,
                       const std::string& keys = "", const std::string& dead_letter_topic = "");

  std::string yaml() const;

 private:
  std::string brokers_;
  std::string kafka_keys_;
  std::string properties_;
  std::string admin_;
  std::string top_;
  std::string log_level_ = "info";
  std::string targets_;
  std::string pipelines_;
  std::string last_target_;
};

std::string group_of(const std::string& topic);

// {"id":"<id>"}, or with that many bytes of padding in a second member.
std::string record_value(const std::string& id, std::size_t padding = 0);
// To each partition, records with the numbers `first` to `first + each - 1`, keyed by their ids.
void produce_numbered(const KafkaBroker& broker, const std::string& topic, std::int32_t partitions,
                      std::int64_t each, std::int64_t first = 0, std::size_t padding = 0);

// False when the commits of group_of(topic) do not reach the ends of the topic in time.
bool wait_for_commits(const KafkaBroker& broker, const std::string& topic,
                      std::chrono::milliseconds timeout);

// What /status says of a pipeline, its workers added up; nothing before it is there.
struct PipelineState {
  std::string state;
  std::string detail;                // of a worker that is in that state, as are the next two
  std::string next;                  // what happens next
  std::vector<std::string> release;  // the commands that would release it
  std::vector<std::string> tenants;  // that stand still
  std::int64_t consumed = 0;
  std::int64_t delivered = 0;
  std::int64_t dead_lettered = 0;
  std::int64_t dropped = 0;
  std::map<std::int32_t, std::string> reasons;     // by partition, as are the next two
  std::map<std::int32_t, std::int64_t> committed;  // -1: not known, as in the next one
  std::map<std::int32_t, std::int64_t> lag;
};
PipelineState state_of(SluiceProcess& sluice, const std::string& pipeline);
bool wait_for_state(SluiceProcess& sluice, const std::string& pipeline, const std::string& state,
                    std::chrono::milliseconds timeout);

// The sum of those samples of `metric` whose labels contain each of `labels`, such as
// `pipeline="p"`.
double sum_of(SluiceProcess& sluice, const std::string& metric,
              const std::vector<std::string>& labels);

}  // namespace sluice::test
