// What brokers say of their own settings and of those of topics. Private to this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "kafka/admin_call.h"
#include "kafka/cluster_probe.h"

namespace sluice::kafka {

// nullopt where we may not ask.
std::optional<TopicSettings> settings_of_topic(rd_kafka_t* client, const std::string& topic);

// Asks a broker for its own settings; the answer comes to `queue`.
void ask_broker(rd_kafka_t* client, std::int32_t id, const rd_kafka_AdminOptions_t* options,
                rd_kafka_queue_t* queue);
// offset.metadata.max.bytes, where the answer tells it.
std::optional<std::size_t> metadata_bytes_in(const AdminAnswer& answer);

}  // namespace sluice::kafka
