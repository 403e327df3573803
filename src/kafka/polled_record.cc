#include <array>

#include "kafka/consumer_impl.h"

namespace sluice::kafka {
namespace {

std::optional<std::string_view> bytes(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

void read_headers(const rd_kafka_message_t& message, std::vector<RecordHeader>& headers) {
  headers.clear();
  rd_kafka_headers_t* raw = nullptr;
  if (rd_kafka_message_headers(&message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back({name, bytes(value, size)});
  }
}

}  // namespace

bool is_fenced(rd_kafka_t* client) {
  std::array<char, 1> ignored{};
  return rd_kafka_fatal_error(client, ignored.data(), ignored.size()) ==
         RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

const PolledRecord* Consumer::Impl::take(MessageHandle polled_message) {
  message = std::move(polled_message);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    take_error(*message);
    message.reset();
    return nullptr;
  }
  read_headers(*message, headers);
  polled.topic = rd_kafka_topic_name(message->rkt);
  polled.partition = message->partition;
  polled.record.offset = message->offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  polled.record.timestamp_ms = rd_kafka_message_timestamp(message.get(), &type);
  polled.record.key = bytes(message->key, message->key_len);
  polled.record.value = bytes(message->payload, message->len);
  polled.record.headers = headers;
  return &polled;
}

void Consumer::Impl::take_error(const rd_kafka_message_t& failed) {
  ConsumerEvent event;
  event.text = rd_kafka_message_errstr(&failed);
  if (failed.err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    event.kind = ConsumerEvent::Kind::all_brokers_down;
  } else if (failed.err == RD_KAFKA_RESP_ERR__FATAL) {
    event.kind = ConsumerEvent::Kind::fatal;
    event.fenced = is_fenced(client.get());
  } else if (failed.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
    event.refused = true;
    event.text = missing_right(failed.err, identity, "group " + group, "join", "Read")->text();
  } else if (failed.rkt != nullptr) {
    event.kind = ConsumerEvent::Kind::partition_error;
    event.partitions.push_back({rd_kafka_topic_name(failed.rkt), failed.partition});
    event.out_of_range = failed.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
    event.offset = failed.offset;
    const std::string topic = std::string("topic ") + rd_kafka_topic_name(failed.rkt);
    if (const auto right = missing_right(failed.err, identity, topic, "read", "Read")) {
      event.refused = true;
      event.text = right->text();
    }
  }
  events.push_back(std::move(event));
}

}  // namespace sluice::kafka
