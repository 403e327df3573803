#include "support/rdkafka_handles.h"

#include <array>

namespace sluice::test {
namespace {

using RdTopic = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;

void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) !=
      RD_KAFKA_CONF_OK) {
    throw std::runtime_error(name + "=" + value + ": " + reason.data());
  }
}

}  // namespace

RdKafka make_client(rd_kafka_type_t type, const std::string& brokers,
                    const std::map<std::string, std::string>& properties,
                    void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*),
                    void* opaque) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  std::map<std::string, std::string> all = {{"bootstrap.servers", brokers},
                                            {"reconnect.backoff.ms", "20"},
                                            {"reconnect.backoff.max.ms", "100"},
                                            {"broker.address.family", "v4"}};
  for (const auto& [name, value] : properties) all[name] = value;
  for (const auto& [name, value] : all) set(conf, name, value);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_conf_set_opaque(conf, opaque);
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  std::array<char, 512> reason{};
  RdKafka client(rd_kafka_new(type, conf, reason.data(), reason.size()));
  if (!client) throw std::runtime_error(std::string("rd_kafka_new: ") + reason.data());
  return client;
}

RdMetadata fetch_metadata(rd_kafka_t* client, const std::string& topic, int timeout_ms) {
  const RdTopic handle(topic.empty() ? nullptr
                                     : rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* raw = nullptr;
  require(rd_kafka_metadata(client, topic.empty() ? 1 : 0, handle.get(), &raw, timeout_ms),
          "metadata of '" + topic + "'");
  return RdMetadata(raw);
}

int partition_count(rd_kafka_t* client, const std::string& topic) {
  const RdMetadata metadata = fetch_metadata(client, topic, kCallTimeoutMs);
  require(metadata->topics[0].err, "metadata of '" + topic + "'");
  return metadata->topics[0].partition_cnt;
}

}  // namespace sluice::test
