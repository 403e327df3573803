#include "fault/feed.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "fault/wall_time.h"
#include "support/rdkafka_handles.h"

namespace sluice::fault {
namespace {

constexpr std::chrono::milliseconds kTick(10);
constexpr int kFlushTimeoutMs = 60'000;

using test::RdKafka;
using RdTopic = std::unique_ptr<rd_kafka_topic_t, test::Destroyer<rd_kafka_topic_destroy>>;

// On its way to Kafka; the delivery report brings it back.
struct Parcel {
  Produced record;
  Book& book;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<Parcel> parcel(static_cast<Parcel*>(message->_private));
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  parcel->record.offset = message->offset;
  parcel->book.confirm(std::move(parcel->record));
}

}  // namespace

struct Feed::Producer {
  Producer(const std::string& brokers, const std::string& name)
      : client(test::make_client(RD_KAFKA_PRODUCER, brokers,
                                 {{"enable.idempotence", "true"},
                                  {"linger.ms", "2"},
                                  {"message.timeout.ms", "0"},
                                  {"message.max.bytes", "16777216"},
                                  {"queue.buffering.max.kbytes", "131072"}},
                                 on_delivery)),
        topic(rd_kafka_topic_new(client.get(), name.c_str(), nullptr)) {}

  void send(const std::string& key, std::string value, std::unique_ptr<Parcel> parcel) {
    const std::int32_t partition = parcel->record.partition;
    while (rd_kafka_produce(topic.get(), partition, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                            key.data(), key.size(), parcel.get()) != 0) {
      const rd_kafka_resp_err_t code = rd_kafka_last_error();
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) test::require(code, "produce");
      rd_kafka_poll(client.get(), 10);
    }
    parcel.release();  // the delivery report has it
    rd_kafka_poll(client.get(), 0);
  }

  RdKafka client;
  RdTopic topic;
};

Feed::Feed(const std::string& brokers, FeedOptions options, Book& book)
    : brokers_(brokers),
      options_(std::move(options)),
      book_(book),
      producer_(std::make_unique<Producer>(brokers, options_.topic)),
      partitions_(options_.partitions) {}

Feed::~Feed() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  rd_kafka_purge(producer_->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(producer_->client.get(), 1000);
}

void Feed::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Feed::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  flush();
}

void Feed::add(std::int64_t each) {
  for (std::int64_t i = 0; i < each; ++i) write_round();
  flush();
}

void Feed::next_log(std::int32_t partitions) {
  const std::lock_guard lock(mutex_);
  look_again(partitions);
  ++log_;
}

void Feed::use_partitions(std::int32_t partitions) {
  const std::lock_guard lock(mutex_);
  look_again(partitions);
}

void Feed::look_again(std::int32_t partitions) {
  flush();
  producer_ = std::make_unique<Producer>(brokers_, options_.topic);
  partitions_ = partitions;
}

std::vector<std::string> Feed::add_fresh() {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex_);
    for (std::int32_t partition = 0; partition < partitions_; ++partition) {
      ids.push_back(write(partition));
    }
    ++number_;
  }
  flush();
  return ids;
}

void Feed::run() {
  const auto start = std::chrono::steady_clock::now();
  const std::int64_t first = number_;
  while (!stopping_) {
    const auto passed = std::chrono::steady_clock::now() - start;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
    const auto due = first + ms * options_.per_second / 1000 / options_.partitions;
    while (number_ < due && !stopping_) write_round();
    serve();
    std::this_thread::sleep_for(kTick);
  }
}

void Feed::serve() {
  const std::lock_guard lock(mutex_);
  rd_kafka_poll(producer_->client.get(), 0);
}

void Feed::write_round() {
  const std::lock_guard lock(mutex_);
  for (std::int32_t partition = 0; partition < partitions_; ++partition) write(partition);
  ++number_;
}

std::string Feed::write(std::int32_t partition) {
  const std::string where = "p" + std::to_string(partition);
  const std::string key =
      options_.keys == 0 ? "" : where + "k" + std::to_string(number_ % options_.keys);
  const std::string id =
      options_.topic + "." + std::to_string(log_) + "-" + where + "-" + std::to_string(number_);
  // Not the first ones: a poison record has neighbours that tell it from a broken API.
  const std::int64_t every = options_.poison_every;
  const bool poison = (every != 0 && number_ % every == every - 1 && partition == 0) ||
                      (options_.poison && options_.poison(partition, number_));
  const std::string value = record_value(id, number_, options_.padding, poison);
  book_.write(id, value);
  Produced record{.id = id,
                  .lane = std::to_string(log_) + (key.empty() ? where : key),
                  .key = key,
                  .partition = partition,
                  .at_ms = now_ms(),
                  .log = log_,
                  .poison = poison};
  producer_->send(key, value, std::unique_ptr<Parcel>(new Parcel{std::move(record), book_}));
  return id;
}

void Feed::flush() {
  test::require(rd_kafka_flush(producer_->client.get(), kFlushTimeoutMs), "flush the feed");
}

}  // namespace sluice::fault
