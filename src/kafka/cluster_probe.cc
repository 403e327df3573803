#include "kafka/cluster_probe.h"

#include <algorithm>
#include <array>
#include <span>

#include "kafka/admin_call.h"
#include "kafka/client_conf.h"
#include "kafka/cluster_access.h"
#include "kafka/cluster_configs.h"
#include "kafka/cluster_errors.h"
#include "kafka/cluster_groups.h"
#include "kafka/connection_watch.h"

namespace sluice::kafka {
namespace {

constexpr int kClusterIdMs = 1000;

using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;

class Probe final : public ClusterProbe {
 public:
  Probe(std::unique_ptr<ConnectionWatch> watch, ClientHandle client)
      : watch_(std::move(watch)), client_(std::move(client)) {}

  Result<ClusterFacts> cluster() override;
  Result<std::vector<std::string>> topic_names() override;
  Result<TopicFacts> topic(const std::string& name) override;
  Result<GroupFacts> group(const std::string& name,
                           const std::vector<TopicPartition>& partitions) override {
    return group_facts(client_.get(), name, partitions);
  }
  Result<OffsetRange> range(const TopicPartition& partition) override;
  std::optional<TopicSettings> topic_settings(const std::string& name) override {
    return settings_of_topic(client_.get(), name);
  }

  Access read_topic(const std::string& name) override {
    return may_read_topic(client_.get(), name);
  }
  Access write_topic(const std::string& name) override {
    return may_write_topic(client_.get(), name);
  }
  Access join_group(const std::string& name) override {
    return may_join_group(client_.get(), name);
  }

 private:
  void ask_each(std::vector<BrokerFacts>& brokers, const std::vector<std::int32_t>& ids);
  std::string trouble_of(const BrokerFacts& broker, const AdminAnswer& answer);

  std::unique_ptr<ConnectionWatch> watch_;  // outlives the client
  ClientHandle client_;
};

Result<ClusterFacts> Probe::cluster() {
  const auto asked = first_metadata(client_.get(), nullptr, *watch_);
  if (!asked) return tl::unexpected(asked.error());
  const MetadataHandle& metadata = *asked;
  ClusterFacts facts;
  std::vector<std::int32_t> ids;
  for (const auto& broker :
       std::span(metadata->brokers, static_cast<std::size_t>(metadata->broker_cnt))) {
    facts.brokers.push_back({std::string(broker.host) + ":" + std::to_string(broker.port), {}});
    ids.push_back(broker.id);
  }
  ask_each(facts.brokers, ids);
  if (char* id = rd_kafka_clusterid(client_.get(), kClusterIdMs)) {
    facts.id = id;
    rd_kafka_mem_free(client_.get(), id);
  }
  return facts;
}

// The one question that goes to a certain broker. That we may not ask it is an answer, too.
void Probe::ask_each(std::vector<BrokerFacts>& brokers, const std::vector<std::int32_t>& ids) {
  const QueueHandle queue(rd_kafka_queue_new(client_.get()));
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    const AdminOptionsHandle options =
        admin_options(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_opaque(options.get(), &brokers[i]);
    ask_broker(client_.get(), ids[i], options.get(), queue.get());
  }
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    const AdminAnswer answer = next_answer(queue.get());
    if (!answer.event) return;
    auto* broker = static_cast<BrokerFacts*>(rd_kafka_event_opaque(answer.event.get()));
    broker->trouble = trouble_of(*broker, answer);
    broker->metadata_bytes = metadata_bytes_in(answer);
  }
}

std::string Probe::trouble_of(const BrokerFacts& broker, const AdminAnswer& answer) {
  if (answer.error != RD_KAFKA_RESP_ERR__TIMED_OUT &&
      answer.error != RD_KAFKA_RESP_ERR__TRANSPORT) {
    return {};
  }
  rd_kafka_poll(client_.get(), 0);
  const auto of_broker = std::find_if(
      watch_->errors.rbegin(), watch_->errors.rend(),
      [&](const auto& error) { return error.text.find(broker.address) != std::string::npos; });
  if (of_broker != watch_->errors.rend()) return of_broker->text;
  return error_text(answer.error);
}

Result<std::vector<std::string>> Probe::topic_names() {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, kProbeTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return cannot_ask("their topics", error);
  const MetadataHandle metadata(raw);
  std::vector<std::string> names;
  for (const auto& topic :
       std::span(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt))) {
    names.emplace_back(topic.topic);
  }
  return names;
}

Result<TopicFacts> Probe::topic(const std::string& name) {
  const TopicHandle topic(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  const rd_kafka_metadata_t* raw = nullptr;
  auto error = rd_kafka_metadata(client_.get(), 0, topic.get(), &raw, kProbeTimeoutMs);
  const MetadataHandle metadata(raw);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = metadata->topics[0].err;
  TopicFacts facts;
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return facts;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      facts.presence = Presence::hidden;
      return facts;
    default:
      return cannot_ask("topic " + name, error);
  }
  const auto& found = metadata->topics[0];
  facts.presence = Presence::found;
  facts.partitions = found.partition_cnt;
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].leader < 0) ++facts.leaderless;
  }
  return facts;
}

Result<OffsetRange> Probe::range(const TopicPartition& partition) {
  OffsetRange range;
  const auto error =
      rd_kafka_query_watermark_offsets(client_.get(), partition.topic.c_str(), partition.partition,
                                       &range.first, &range.end, kProbeTimeoutMs);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return range;
  return cannot_ask("the offsets of " + partition.topic + "/" + std::to_string(partition.partition),
                    error);
}

}  // namespace

Result<std::unique_ptr<ClusterProbe>> make_cluster_probe(const ClientOptions& options) {
  auto watch = std::make_unique<ConnectionWatch>();
  watch->adopt(options);
  auto conf = make_conf(options, {},
                        {{"enable.auto.commit", "false"},
                         {"allow.auto.create.topics", "false"},
                         {"enable.partition.eof", "true"},
                         {"log.connection.close", "true"},  // else a hang-up is no error
                         {"fetch.wait.max.ms", "10"}});
  if (!conf) return tl::unexpected(conf.error());
  watch_connections(conf->get(), *watch);
  // A consumer: a producer's questions create topics.
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf), options, "the probe");
  if (!client) return tl::unexpected(client.error());
  return std::make_unique<Probe>(std::move(watch), std::move(*client));
}

}  // namespace sluice::kafka
