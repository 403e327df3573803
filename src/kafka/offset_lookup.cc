#include "kafka/offset_lookup.h"

#include "kafka/consumer_impl.h"

namespace sluice::kafka {
namespace {

Result<std::vector<TopicPartition>> partitions_of_topic(rd_kafka_t* client,
                                                        const std::string& name) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client, 0, topic, &raw, kLookupTimeoutMs);
  rd_kafka_topic_destroy(topic);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot ask the brokers about topic " + name + ": " + error_text(error),
                "check kafka.brokers and that a broker runs there");
  }
  const MetadataHandle metadata(raw);
  const auto& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("topic " + name + ": " + error_text(found.err),
                "create the topic, or correct the pipeline's topics");
  }
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < found.partition_cnt; ++i) {
    partitions.push_back({name, found.partitions[i].id});
  }
  return partitions;
}

std::string name_of(const rd_kafka_topic_partition_t& entry) {
  return std::string(entry.topic) + "/" + std::to_string(entry.partition);
}

std::optional<Committed> committed_in(const rd_kafka_topic_partition_t& entry) {
  if (entry.offset < 0) return std::nullopt;
  Committed committed{entry.offset, {}};
  if (entry.metadata != nullptr) {
    committed.metadata.assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
  }
  return committed;
}

// Of a commit's result, as a whole or for one of its partitions.
rd_kafka_resp_err_t first_error(rd_kafka_event_t* event) {
  auto error = rd_kafka_event_error(event);
  const auto* list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = list->elems[i].err;
  }
  return error;
}

}  // namespace

Result<void> brokers_answer(const Consumer& consumer) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error =
      rd_kafka_metadata(consumer.impl().client.get(), 0, nullptr, &raw, kLookupTimeoutMs);
  const MetadataHandle metadata(raw);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail("no broker answers (" + error_text(error) + ")",
              "check kafka.brokers and that they run; they are asked all the time");
}

Result<CommitsAsTold> commits_as_told(const Consumer& consumer,
                                      const std::vector<TopicPartition>& partitions,
                                      Duration limit) {
  const auto list = to_list(partitions);
  const auto error = rd_kafka_committed(consumer.impl().client.get(), list.get(), to_ms(limit));
  CommitsAsTold told;
  bool any = list->cnt == 0;
  std::string first_error = error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : error_text(error);
  for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; ++i) {
    const auto& entry = list->elems[i];
    const TopicPartition of{entry.topic, entry.partition};
    if (entry.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      any = true;
      told.emplace(of, committed_in(entry));
      continue;
    }
    const std::string why = name_of(entry) + ": " + error_text(entry.err);
    if (first_error.empty()) first_error = why;
    told.emplace(of, fail(why));
  }
  if (!any) return fail("cannot read the group's committed offsets: " + first_error);
  return told;
}

Result<std::map<TopicPartition, Committed>> committed_offsets(
    const Consumer& consumer, const std::vector<TopicPartition>& partitions, Duration limit) {
  const auto told = commits_as_told(consumer, partitions, limit);
  if (!told) return tl::unexpected(told.error());
  std::map<TopicPartition, Committed> offsets;
  for (const auto& of : partitions) {
    const auto& its = told->at(of);
    if (!its) return fail("cannot read the group's committed offset of " + its.error().cause);
    if (*its) offsets.emplace(of, **its);
  }
  return offsets;
}

Result<std::string> cluster_id(const Consumer& consumer) {
  // The answer carries the id; without it librdkafka could not tell "none" from "not yet".
  if (auto answer = brokers_answer(consumer); !answer) return tl::unexpected(answer.error());
  rd_kafka_t* client = consumer.impl().client.get();
  char* id = rd_kafka_clusterid(client, 0);
  if (id == nullptr) return std::string();
  std::string copy(id);
  rd_kafka_mem_free(client, id);
  return copy;
}

Result<std::vector<TopicPartition>> partitions_of(const Consumer& consumer,
                                                  const std::vector<std::string>& topics) {
  std::vector<TopicPartition> all;
  for (const auto& topic : topics) {
    auto partitions = partitions_of_topic(consumer.impl().client.get(), topic);
    if (!partitions) return partitions;
    all.insert(all.end(), partitions->begin(), partitions->end());
  }
  return all;
}

Result<LogBounds> log_bounds(const Consumer& consumer, const TopicPartition& partition) {
  LogBounds bounds;
  const auto error = rd_kafka_query_watermark_offsets(consumer.impl().client.get(),
                                                      partition.topic.c_str(), partition.partition,
                                                      &bounds.start, &bounds.end, kLookupTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot ask where the log ends of " + partition.topic + "/" +
                std::to_string(partition.partition) + ": " + error_text(error));
  }
  return bounds;
}

Result<std::int64_t> log_end(const Consumer& consumer, const TopicPartition& partition) {
  const auto bounds = log_bounds(consumer, partition);
  if (!bounds) return tl::unexpected(bounds.error());
  return bounds->end;
}

Result<void> commit_for_empty_group(const Consumer& consumer,
                                    const std::vector<PartitionOffset>& offsets) {
  rd_kafka_t* client = consumer.impl().client.get();
  const QueueHandle queue(rd_kafka_queue_new(client));
  auto error = rd_kafka_commit_queue(client, to_list(offsets).get(), queue.get(), nullptr, nullptr);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const EventHandle event(rd_kafka_queue_poll(queue.get(), kLookupTimeoutMs));
    error = event ? first_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot commit where the group starts: " + error_text(error),
                "what start says is settled before anybody joins: stop the group's other members "
                "once");
  }
  return {};
}

}  // namespace sluice::kafka
