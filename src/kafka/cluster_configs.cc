#include "kafka/cluster_configs.h"

#include <array>
#include <charconv>
#include <map>
#include <span>
#include <string_view>

namespace sluice::kafka {
namespace {

using ResourceHandle =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;
using Settings = std::map<std::string, std::string, std::less<>>;

void ask(rd_kafka_t* client, rd_kafka_ResourceType_t type, const std::string& name,
         const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
  const ResourceHandle resource(rd_kafka_ConfigResource_new(type, name.c_str()));
  std::array<rd_kafka_ConfigResource_t*, 1> resources{resource.get()};
  rd_kafka_DescribeConfigs(client, resources.data(), resources.size(), options, queue);
}

// Of the one resource that was asked for; empty where nothing is told.
Settings settings_in(const AdminAnswer& answer) {
  Settings settings;
  if (answer.error != RD_KAFKA_RESP_ERR_NO_ERROR) return settings;
  std::size_t count = 0;
  const auto* const* const results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(answer.event.get()), &count);
  if (count != 1) return settings;
  const auto* const* const entries = rd_kafka_ConfigResource_configs(results[0], &count);
  for (const auto* const entry : std::span(entries, count)) {
    const char* const value = rd_kafka_ConfigEntry_value(entry);
    if (value != nullptr) settings[rd_kafka_ConfigEntry_name(entry)] = value;
  }
  return settings;
}

std::optional<std::size_t> bytes_of(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  const std::string& text = found->second;
  std::size_t bytes = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return parsed.ec == std::errc() ? std::optional(bytes) : std::nullopt;
}

}  // namespace

std::optional<TopicSettings> settings_of_topic(rd_kafka_t* client, const std::string& topic) {
  const Settings settings =
      settings_in(admin_call(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                             [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                               ask(client, RD_KAFKA_RESOURCE_TOPIC, topic, options, queue);
                             }));
  if (settings.empty()) return std::nullopt;
  const auto policy = settings.find("cleanup.policy");
  return TopicSettings{
      bytes_of(settings, "max.message.bytes"),
      policy != settings.end() && policy->second.find("compact") != std::string::npos};
}

void ask_broker(rd_kafka_t* client, std::int32_t id, const rd_kafka_AdminOptions_t* options,
                rd_kafka_queue_t* queue) {
  ask(client, RD_KAFKA_RESOURCE_BROKER, std::to_string(id), options, queue);
}

std::optional<std::size_t> metadata_bytes_in(const AdminAnswer& answer) {
  return bytes_of(settings_in(answer), "offset.metadata.max.bytes");
}

}  // namespace sluice::kafka
