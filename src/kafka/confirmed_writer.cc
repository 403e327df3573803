#include "kafka/confirmed_writer.h"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "kafka/client_conf.h"
#include "kafka/handles.h"

namespace sluice::kafka {
namespace {

// How long the producer tries by itself before it reports a record as failed.
constexpr const char* kMessageTimeoutMs = "30000";
// How long a topic may be unknown before its records are reported as failed.
constexpr const char* kUnknownTopicMs = "5000";
// How long the delivery thread sleeps in librdkafka; also the longest wait for its end.
constexpr int kPollMs = 100;

using Done = std::function<void(WriteResult)>;

WriteStatus status_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return WriteStatus::confirmed;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return WriteStatus::too_large;
    default:
      return WriteStatus::failed;
  }
}

WriteResult result_of(rd_kafka_resp_err_t error, const Identity& identity,
                      const std::string& topic) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {WriteStatus::confirmed, {}};
  const auto right = missing_right(error, identity, "topic " + topic, "write to", "Write");
  return {status_of(error), right ? right->text() : error_text(error)};
}

// What is purged after a fatal error failed because of that, such as a right that is missing.
rd_kafka_resp_err_t cause_of(rd_kafka_t* client, rd_kafka_resp_err_t error) {
  const bool purged =
      error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  const auto fatal = purged ? rd_kafka_fatal_error(client, nullptr, 0) : RD_KAFKA_RESP_ERR_NO_ERROR;
  return fatal == RD_KAFKA_RESP_ERR_NO_ERROR ? error : fatal;
}

void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  const std::unique_ptr<Done> done(static_cast<Done*>(message->_private));
  (*done)(result_of(cause_of(client, message->err), static_cast<ClientOpaque*>(opaque)->identity,
                    rd_kafka_topic_name(message->rkt)));
}

// One function for each kind of argument of rd_kafka_produceva, a C union with a tag.
rd_kafka_vu_t argument(rd_kafka_vtype_t type) {
  rd_kafka_vu_t made{};
  made.vtype = type;
  return made;
}

rd_kafka_vu_t with_topic(const std::string& topic) {
  auto made = argument(RD_KAFKA_VTYPE_TOPIC);
  made.u.cstr = topic.c_str();
  return made;
}

rd_kafka_vu_t with_copy() {
  auto made = argument(RD_KAFKA_VTYPE_MSGFLAGS);
  made.u.i = RD_KAFKA_MSG_F_COPY;
  return made;
}

rd_kafka_vu_t with_bytes(rd_kafka_vtype_t type, std::optional<std::string_view> bytes) {
  auto made = argument(type);
  // The C interface has no const; with a copy asked for it only reads. An empty view may point
  // nowhere, and null would turn an empty value into a tombstone.
  static char empty = 0;
  if (bytes) {
    made.u.mem.ptr = bytes->empty() ? &empty : const_cast<char*>(bytes->data());
    made.u.mem.size = bytes->size();
  }
  return made;
}

rd_kafka_vu_t with_value(std::optional<std::string_view> value) {
  return with_bytes(RD_KAFKA_VTYPE_VALUE, value);
}

rd_kafka_vu_t with_key(std::optional<std::string_view> key) {
  return with_bytes(RD_KAFKA_VTYPE_KEY, key);
}

rd_kafka_vu_t with_headers(rd_kafka_headers_t* headers) {
  auto made = argument(RD_KAFKA_VTYPE_HEADERS);
  made.u.headers = headers;
  return made;
}

rd_kafka_vu_t with_partition(std::optional<std::int32_t> partition) {
  auto made = argument(RD_KAFKA_VTYPE_PARTITION);
  made.u.i32 = partition.value_or(RD_KAFKA_PARTITION_UA);
  return made;
}

rd_kafka_vu_t with_opaque(void* opaque) {
  auto made = argument(RD_KAFKA_VTYPE_OPAQUE);
  made.u.ptr = opaque;
  return made;
}

Result<ClientHandle> make_producer(const WriterOptions& options, ClientOpaque& opaque) {
  const std::map<std::string, std::string> defaults = {
      {"linger.ms", "5"},
      {"message.timeout.ms", kMessageTimeoutMs},
      {"topic.metadata.propagation.max.ms", kUnknownTopicMs},
      {"compression.type", "lz4"}};
  // Room for headers and the record's own framing above the payload limit.
  const std::size_t largest = options.max_record_bytes + 64 * 1024;
  const std::map<std::string, std::string> ours = {
      {"enable.idempotence", "true"},
      {"message.max.bytes", std::to_string(largest)},
      {"queue.buffering.max.kbytes", std::to_string(options.queue_bytes / 1024)},
      {"allow.auto.create.topics", "false"}};
  auto conf = make_conf(options.client, defaults, ours);
  if (!conf) return tl::unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), &opaque);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &on_delivery);
  return make_client(RD_KAFKA_PRODUCER, std::move(*conf), options.client,
                     "the producer of dead letters");
}

}  // namespace

struct ConfirmedWriter::Impl : ClientOpaque {
  WriterOptions options;
  std::mutex mutex;  // guards client: write() against the exchange after a fatal error
  ClientHandle client;
  std::atomic<bool> stopping{false};
  std::thread thread;

  void run();
  void replace_after_fatal();
  void fail_outstanding(rd_kafka_t* producer);
  rd_kafka_resp_err_t produce(const OutgoingRecord& record, Done* done);
};

ConfirmedWriter::ConfirmedWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<ConfirmedWriter>> ConfirmedWriter::create(const WriterOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->adopt(options.client);
  impl->options = options;
  auto client = make_producer(options, *impl);
  if (!client) return tl::unexpected(client.error());
  impl->client = std::move(*client);
  auto thread = start_thread("writer", [raw = impl.get()] { raw->run(); });
  if (!thread) return tl::unexpected(thread.error());
  impl->thread = std::move(*thread);
  return std::unique_ptr<ConfirmedWriter>(new ConfirmedWriter(std::move(impl)));
}

ConfirmedWriter::~ConfirmedWriter() {
  impl_->stopping = true;
  impl_->thread.join();
  impl_->fail_outstanding(impl_->client.get());
}

void ConfirmedWriter::write(const OutgoingRecord& record, Done done) {
  auto owned = std::make_unique<Done>(std::move(done));
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  {
    const std::lock_guard lock(impl_->mutex);
    error = impl_->produce(record, owned.get());
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (void)owned.release();  // on_delivery has it now
    return;
  }
  (*owned)(result_of(error, impl_->identity, std::string(record.topic)));
}

rd_kafka_resp_err_t ConfirmedWriter::Impl::produce(const OutgoingRecord& record, Done* done) {
  HeadersHandle headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& header : record.headers) {
    const void* value = header.value ? header.value->data() : nullptr;
    const auto size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
    rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        value, size);
  }
  const std::string topic(record.topic);
  const std::array arguments = {
      with_topic(topic),    with_partition(record.partition), with_value(record.value),
      with_key(record.key), with_headers(headers.get()),      with_copy(),
      with_opaque(done)};
  const ErrorHandle refused(rd_kafka_produceva(client.get(), arguments.data(), arguments.size()));
  const auto error = refused ? rd_kafka_error_code(refused.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) (void)headers.release();  // librdkafka owns them now
  return error;
}

void ConfirmedWriter::Impl::run() {
  while (!stopping) {
    rd_kafka_poll(client.get(), kPollMs);
    if (rd_kafka_fatal_error(client.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      replace_after_fatal();
    }
  }
}

void ConfirmedWriter::Impl::replace_after_fatal() {
  auto fresh = make_producer(options, *this);
  if (!fresh) {
    if (log) log(3, fresh.error().text());
    return;  // the next turn tries again
  }
  ClientHandle dead;
  {
    const std::lock_guard lock(mutex);
    dead = std::exchange(client, std::move(*fresh));
  }
  fail_outstanding(dead.get());
}

void ConfirmedWriter::Impl::fail_outstanding(rd_kafka_t* producer) {
  rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  // Purging makes a report for each record: serve them all, or their callbacks leak.
  while (rd_kafka_outq_len(producer) > 0) rd_kafka_poll(producer, kPollMs);
}

}  // namespace sluice::kafka
