#include "kafka/topic_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "kafka/connection_watch.h"
#include "kafka/consumer_impl.h"

namespace sluice::kafka {
namespace {

// librdkafka assigns partitions only to a client that names a group; it never joins this one.
constexpr const char* kReaderGroup = "sluice-reader";
constexpr int kReadTimeoutMs = 5000;

Result<ClientHandle> make_client(const ClientOptions& options, ConnectionWatch& watch) {
  std::map<std::string, std::string> defaults = {{"queued.max.messages.kbytes", "8192"},
                                                 {"reconnect.backoff.max.ms", "2000"}};
  // A full queue costs a whole second below 2.2, where small fetches keep it from filling up.
  if (library_version() >= 0x020200ff) {
    defaults["fetch.queue.backoff.ms"] = "1";
  } else {
    defaults["fetch.message.max.bytes"] = "524288";
  }
  const std::map<std::string, std::string> ours = {{"group.id", kReaderGroup},
                                                   {"enable.auto.commit", "false"},
                                                   {"enable.auto.offset.store", "false"},
                                                   {"auto.offset.reset", "error"},
                                                   {"enable.partition.eof", "true"},
                                                   // Else a hang-up is no error.
                                                   {"log.connection.close", "true"},
                                                   {"allow.auto.create.topics", "false"}};
  auto conf = make_conf(options, defaults, ours);
  if (!conf) return tl::unexpected(conf.error());
  watch_connections(conf->get(), watch);
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf), options, "the reader");
}

Result<std::int32_t> count_partitions(rd_kafka_t* client, const std::string& name,
                                      ConnectionWatch& watch) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
  const auto metadata = first_metadata(client, topic, watch);
  rd_kafka_topic_destroy(topic);
  if (!metadata) {
    const Error& why = metadata.error();
    return fail("cannot ask the brokers about topic " + name + ": " + why.cause, why.remedy);
  }
  const auto& found = (*metadata)->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("topic " + name + ": " + error_text(found.err), "create the topic, or correct it");
  }
  return found.partition_cnt;
}

// Where reading a partition begins, and the offset behind what stands there.
struct Span {
  std::int64_t from = 0;
  std::int64_t end = 0;
  std::int64_t next = 0;  // to be polled
  bool done() const { return next >= end; }
};

Result<Span> span_of(rd_kafka_t* client, const PartitionOffset& from, ConnectionWatch& watch) {
  const TopicPartition& of = from.partition;
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto error = rd_kafka_query_watermark_offsets(client, of.topic.c_str(), of.partition, &low,
                                                      &high, kReadTimeoutMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::string what =
        "cannot ask for the end of " + of.topic + "/" + std::to_string(of.partition) + ": ";
    rd_kafka_poll(client, 0);
    if (watch.errors.empty()) {
      return fail(what + error_text(error), "try again once the brokers answer");
    }
    const Error why = why_no_answer(watch.errors, error, watch.identity);
    return fail(what + why.cause, why.remedy);
  }
  const std::int64_t first = std::clamp(from.offset, low, high);
  return Span{first, high, first};
}

}  // namespace

struct TopicReader::Impl : ConnectionWatch {
  ClientHandle client;
  Consumer::Impl messages;  // only what it makes of them: it has no client
  std::map<TopicPartition, Span> spans;

  Result<void> start(const std::vector<PartitionOffset>& from);
  void note_end(const rd_kafka_message_t& message);
  void note_lost_places();
};

TopicReader::TopicReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TopicReader::~TopicReader() {
  impl_->messages.message.reset();
  rd_kafka_destroy_flags(impl_->client.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Result<std::unique_ptr<TopicReader>> TopicReader::open(const ClientOptions& client,
                                                       const std::vector<std::string>& topics) {
  std::vector<PartitionOffset> from;
  for (const auto& topic : topics) {
    const auto partitions = partition_count(client, topic);
    if (!partitions) return tl::unexpected(partitions.error());
    for (std::int32_t i = 0; i < *partitions; ++i) from.push_back({{topic, i}, 0});
  }
  return open_at(client, from);
}

Result<std::unique_ptr<TopicReader>> TopicReader::open_at(
    const ClientOptions& client, const std::vector<PartitionOffset>& from) {
  auto impl = std::make_unique<Impl>();
  impl->adopt(client);
  auto made = make_client(client, *impl);
  if (!made) return tl::unexpected(made.error());
  impl->client = std::move(*made);
  std::unique_ptr<TopicReader> reader(new TopicReader(std::move(impl)));
  if (auto started = reader->impl_->start(from); !started) return tl::unexpected(started.error());
  return reader;
}

Result<void> TopicReader::Impl::start(const std::vector<PartitionOffset>& from) {
  std::vector<PartitionOffset> assigned;
  for (const auto& start : from) {
    const auto span = span_of(client.get(), start, *this);
    if (!span) return tl::unexpected(span.error());
    spans[start.partition] = *span;
    assigned.push_back({start.partition, span->from});
  }
  rd_kafka_poll_set_consumer(client.get());
  const auto error = rd_kafka_assign(client.get(), to_list(assigned).get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot read the topic: " + error_text(error));
  }
  return {};
}

const PolledRecord* TopicReader::poll(Duration wait) {
  impl_->messages.message.reset();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  MessageHandle message(rd_kafka_consumer_poll(impl_->client.get(), static_cast<int>(ms)));
  if (!message) return nullptr;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    impl_->note_end(*message);
    return nullptr;
  }
  const PolledRecord* polled = impl_->messages.take(std::move(message));
  if (polled == nullptr) {
    impl_->note_lost_places();
    return nullptr;
  }
  const auto span = impl_->spans.find({std::string(polled->topic), polled->partition});
  if (span != impl_->spans.end()) span->second.next = polled->record.offset + 1;
  return polled;
}

// The last offsets may be a transaction's marks, which are never polled.
void TopicReader::Impl::note_end(const rd_kafka_message_t& message) {
  Span& span = spans[{rd_kafka_topic_name(message.rkt), message.partition}];
  span.next = std::max(span.next, span.end);
}

// Retention took the next record while we read: librdkafka reads that partition no further.
void TopicReader::Impl::note_lost_places() {
  for (const ConsumerEvent& event : messages.events) {
    if (!event.out_of_range) continue;
    for (const auto& partition : event.partitions) spans[partition].next = spans[partition].end;
  }
}

bool TopicReader::at_end() const {
  return std::all_of(impl_->spans.begin(), impl_->spans.end(),
                     [](const auto& entry) { return entry.second.done(); });
}

std::vector<std::string> TopicReader::take_errors() {
  std::vector<std::string> errors;
  for (auto& event : std::exchange(impl_->messages.events, {})) {
    errors.push_back(std::move(event.text));
  }
  for (auto& error : std::exchange(impl_->errors, {})) {
    if (error.code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) errors.push_back(std::move(error.text));
  }
  return errors;
}

ReadProgress TopicReader::progress() const {
  ReadProgress progress;
  for (const auto& [partition, span] : impl_->spans) {
    progress.read += std::min(span.next, span.end) - span.from;
    progress.total += span.end - span.from;
  }
  return progress;
}

Result<std::int32_t> partition_count(const ClientOptions& client, const std::string& topic) {
  ConnectionWatch watch;
  watch.adopt(client);
  const auto made = make_client(client, watch);
  if (!made) return tl::unexpected(made.error());
  return count_partitions(made->get(), topic, watch);
}

}  // namespace sluice::kafka
