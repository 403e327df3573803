#include "support/kafka_client.h"

#include <array>
#include <atomic>
#include <set>
#include <stdexcept>

#include "support/eventually.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

constexpr auto kReadTimeout = std::chrono::seconds(60);

Headers headers_of(const rd_kafka_message_t* message) {
  Headers headers;
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    std::optional<std::string> text;
    if (value != nullptr) text.emplace(static_cast<const char*>(value), size);
    headers.emplace_back(name, std::move(text));
  }
  return headers;
}

StoredRecord copy_of(const rd_kafka_message_t* message) {
  StoredRecord record;
  record.partition = message->partition;
  record.offset = message->offset;
  record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
  if (message->key != nullptr) {
    record.key.emplace(static_cast<const char*>(message->key), message->key_len);
  }
  if (message->payload != nullptr) {
    record.value.emplace(static_cast<const char*>(message->payload), message->len);
  }
  record.headers = headers_of(message);
  return record;
}

RdPartitions partitions_of(rd_kafka_t* client, const std::string& topic, std::int64_t offset) {
  const int count = partition_count(client, topic);
  RdPartitions list(rd_kafka_topic_partition_list_new(count));
  for (std::int32_t i = 0; i < count; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = offset;
  }
  return list;
}

RdKafka make_reader(const std::string& brokers, const std::string& group,
                    Isolation isolation = Isolation::committed) {
  const bool committed = isolation == Isolation::committed;
  return make_client(RD_KAFKA_CONSUMER, brokers,
                     {{"group.id", group},
                      {"enable.auto.commit", "false"},
                      {"enable.partition.eof", "true"},
                      {"fetch.wait.max.ms", "50"},
                      {"isolation.level", committed ? "read_committed" : "read_uncommitted"},
                      {"auto.offset.reset", "error"}});
}

}  // namespace

struct TopicWriter::Impl {
  std::string topic;
  std::atomic<int> failed = 0;
  rd_kafka_resp_err_t first_error = RD_KAFKA_RESP_ERR_NO_ERROR;
  RdKafka client;

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto* const self = static_cast<Impl*>(opaque);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (self->failed++ == 0) self->first_error = message->err;
  }

  // Takes `headers` unless the queue is full.
  rd_kafka_resp_err_t try_add(const NewRecord& record, rd_kafka_headers_t* headers) const {
    std::array<rd_kafka_vu_t, 7> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = topic.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = record.partition;
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[3].u.mem.ptr = record.value ? const_cast<char*>(record.value->data()) : nullptr;
    fields[3].u.mem.size = record.value ? record.value->size() : 0;
    fields[4].vtype = RD_KAFKA_VTYPE_KEY;
    fields[4].u.mem.ptr = record.key ? const_cast<char*>(record.key->data()) : nullptr;
    fields[4].u.mem.size = record.key ? record.key->size() : 0;
    fields[5].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[5].u.headers = headers;
    fields[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[6].u.i64 = record.timestamp_ms;
    const RdError error(rd_kafka_produceva(client.get(), fields.data(), fields.size()));
    const rd_kafka_resp_err_t code =
        error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return code;
    rd_kafka_headers_destroy(headers);
    throw std::runtime_error("produce to " + topic + ": " + rd_kafka_error_string(error.get()));
  }
};

TopicWriter::TopicWriter(const std::string& brokers, std::string topic)
    : impl_(std::make_unique<Impl>()) {
  impl_->topic = std::move(topic);
  impl_->client = make_client(RD_KAFKA_PRODUCER, brokers,
                              {{"enable.idempotence", "true"},
                               {"linger.ms", "2"},
                               {"message.max.bytes", "16777216"},
                               {"queue.buffering.max.kbytes", "65536"}},
                              Impl::on_delivery, impl_.get());
}

TopicWriter::~TopicWriter() = default;

void TopicWriter::add(const NewRecord& record) {
  rd_kafka_headers_t* const headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.c_str(), -1, value ? value->data() : nullptr,
                        value ? static_cast<ssize_t>(value->size()) : 0);
  }
  while (impl_->try_add(record, headers) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    rd_kafka_poll(impl_->client.get(), 100);
  }
  rd_kafka_poll(impl_->client.get(), 0);
}

void TopicWriter::flush() {
  require(rd_kafka_flush(impl_->client.get(), 60'000), "flush " + impl_->topic);
  if (impl_->failed > 0) {
    require(impl_->first_error, std::to_string(impl_->failed) + " records of " + impl_->topic);
  }
}

void produce(const std::string& brokers, const std::string& topic,
             const std::vector<NewRecord>& records) {
  TopicWriter writer(brokers, topic);
  for (const NewRecord& record : records) writer.add(record);
  writer.flush();
}

std::vector<StoredRecord> read_topic(const std::string& brokers, const std::string& topic,
                                     Isolation isolation) {
  const RdKafka client = make_reader(brokers, "sluice-test-reader", isolation);
  rd_kafka_poll_set_consumer(client.get());
  const RdPartitions all = partitions_of(client.get(), topic, RD_KAFKA_OFFSET_BEGINNING);
  require(rd_kafka_assign(client.get(), all.get()), "assign " + topic);
  std::vector<StoredRecord> records;
  std::set<std::int32_t> at_end;
  const auto deadline = std::chrono::steady_clock::now() + kReadTimeout;
  while (at_end.size() < static_cast<std::size_t>(all->cnt)) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("read " + topic + ": never came to its end");
    }
    const RdMessage message(rd_kafka_consumer_poll(client.get(), 100));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end.insert(message->partition);
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      records.push_back(copy_of(message.get()));
    } else if (message->err != RD_KAFKA_RESP_ERR__TRANSPORT &&
               message->err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      require(message->err, "read " + topic);
    }
  }
  return records;
}

std::vector<std::int64_t> end_offsets(const std::string& brokers, const std::string& topic) {
  const RdKafka client = make_reader(brokers, "sluice-test-reader");
  std::vector<std::int64_t> ends;
  const int count = partition_count(client.get(), topic);
  for (std::int32_t partition = 0; partition < count; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    require(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition, &low, &high,
                                             kCallTimeoutMs),
            "watermarks of " + topic);
    ends.push_back(high);
  }
  return ends;
}

namespace {

bool is_loading(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
}

}  // namespace

std::vector<std::int64_t> committed_offsets(const std::string& brokers, const std::string& group,
                                            const std::string& topic) {
  const RdKafka client = make_reader(brokers, group);
  const RdPartitions list = partitions_of(client.get(), topic, RD_KAFKA_OFFSET_INVALID);
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  // The first group of a broker finds its coordinator still getting ready.
  eventually(
      [&] {
        error = rd_kafka_committed(client.get(), list.get(), kCallTimeoutMs);
        for (int i = 0; i < list->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
          error = list->elems[i].err;
        }
        return !is_loading(error);
      },
      std::chrono::seconds(20), std::chrono::milliseconds(100));
  require(error, "committed of " + group);
  std::vector<std::int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    offsets.push_back(list->elems[i].offset < 0 ? -1 : list->elems[i].offset);
  }
  return offsets;
}

std::string cluster_id(const std::string& brokers) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers);
  char* const id = rd_kafka_clusterid(client.get(), kCallTimeoutMs);
  if (id == nullptr) throw std::runtime_error("no broker told the id of its cluster");
  std::string copy = id;
  rd_kafka_mem_free(client.get(), id);
  return copy;
}

void commit_offsets(const std::string& brokers, const std::string& group, const std::string& topic,
                    const std::vector<std::int64_t>& offsets) {
  const RdKafka client = make_reader(brokers, group);
  const RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(i))
        ->offset = offsets[i];
  }
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  eventually(
      [&] {
        error = rd_kafka_commit(client.get(), list.get(), 0);
        return !is_loading(error);
      },
      std::chrono::seconds(20), std::chrono::milliseconds(100));
  require(error, "commit of " + group);
}

}  // namespace sluice::test
