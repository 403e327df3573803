// Private to this folder.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "kafka/client_conf.h"
#include "kafka/consumer.h"
#include "kafka/handles.h"
#include "kafka/polled_batch.h"

namespace sluice::kafka {

struct Consumer::Impl : ClientOpaque {
  // Declared in the order of need: queues go before the client.
  ClientHandle client;
  QueueHandle consumer_queue;
  QueueHandle commit_queue;
  QueueHandle close_queue;
  PolledBatch ahead;
  MessageHandle message;  // that `polled` borrows from
  PolledRecord polled;
  std::vector<RecordHeader> headers;  // of `polled`; kept for its memory
  std::vector<ConsumerEvent> events;
  std::string group;
  bool closed = false;

  bool cooperative() const;
  void give_up_assignment();
  const PolledRecord* take(MessageHandle polled_message);
  void take_error(const rd_kafka_message_t& message);
};

// Of a client with a fatal error.
bool is_fenced(rd_kafka_t* client);

// Never negative, which would be "for ever".
inline int to_ms(Duration duration) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(duration);
  return static_cast<int>(std::max(ms, std::chrono::milliseconds::zero()).count());
}

PartitionListHandle to_list(const std::vector<PartitionOffset>& partitions);
PartitionListHandle to_list(const std::vector<TopicPartition>& partitions);
std::vector<TopicPartition> from_list(const rd_kafka_topic_partition_list_t& list);

}  // namespace sluice::kafka
