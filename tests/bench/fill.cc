// Fills the benchmarks' topic: deposit events of 780 bytes, ids evt_000000000 and up, dealt over
// the partitions in turn. Uncompressed, so that the consumer's work is not the decompressor's; each
// once, whatever the broker does. With a rate it first prints the monotonic nanosecond at which
// record 0 is due; record n is due n / rate seconds later, and handed over then. Stamped records
// carry the wall clock's microsecond at which they were handed over, and the last line printed says
// in microseconds how late that was. Anywhere among the arguments may stand --first=N (the first
// id), --bytes=N (of a value) and --keys=N (so many keys, all records of one in one partition).
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/deposit_event.h"
#include "bench/fill_shape.h"

namespace {

using sluice::bench::DepositEvent;

struct KafkaDeleter {
  void operator()(rd_kafka_t* kafka) const { rd_kafka_destroy(kafka); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

struct Tally {
  std::uint64_t confirmed = 0;
  std::uint64_t failed = 0;
};

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "bench_fill: %s: %s\n", what, why);
  std::exit(1);
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& tally = *static_cast<Tally*>(opaque);
  ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? tally.confirmed : tally.failed);
}

std::unique_ptr<rd_kafka_t, KafkaDeleter> make_producer(const char* brokers, const char* linger_ms,
                                                        Tally& tally) {
  char why[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::pair<const char*, const char*> properties[] = {
      {"bootstrap.servers", brokers},   {"enable.idempotence", "true"},
      {"linger.ms", linger_ms},         {"reconnect.backoff.max.ms", "250"},
      {"compression.type", "none"},     {"queue.buffering.max.kbytes", "131072"},
      {"message.max.bytes", "2000000"},
  };
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) fail(name, why);
  }
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, &tally);
  std::unique_ptr<rd_kafka_t, KafkaDeleter> producer(
      rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why));
  if (!producer) fail("producer", why);
  return producer;
}

void send(rd_kafka_t* kafka, rd_kafka_topic_t* topic, std::int32_t partition, DepositEvent event) {
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, event.value().data(),
                          event.value().size(), event.key().data(), event.key().size(),
                          nullptr) != 0) {
    const rd_kafka_resp_err_t error = rd_kafka_last_error();
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail("produce", rd_kafka_err2str(error));
    rd_kafka_poll(kafka, 100);
  }
}

// Until the leader of every partition is known, so that the first records do not wait for that.
void await_topic(rd_kafka_t* kafka, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(kafka, 0, topic, &metadata, 10'000);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail("topic", rd_kafka_err2str(error));
  rd_kafka_metadata_destroy(metadata);
}

// When each record is due; without a rate, at once.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Pace(std::uint64_t per_second) : per_second_(per_second), start_(Clock::now()) {
    if (per_second == 0) return;
    const std::chrono::nanoseconds start(start_.time_since_epoch());
    std::printf("%lld\n", static_cast<long long>(start.count()));
    std::fflush(stdout);
  }

  void wait_for(std::uint64_t number) const {
    if (per_second_ != 0) std::this_thread::sleep_until(due(number));
  }

  std::chrono::microseconds late(std::uint64_t number) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - due(number));
  }

 private:
  Clock::time_point due(std::uint64_t number) const {
    return start_ + std::chrono::nanoseconds(number * 1'000'000'000 / per_second_);
  }

  const std::uint64_t per_second_;
  const Clock::time_point start_;
};

// The stamps of the records, and how late each came.
class Stamps {
 public:
  explicit Stamps(std::uint64_t records) { late_.reserve(records); }

  void put(DepositEvent& event, std::chrono::microseconds late) {
    late_.push_back(late.count());
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    event.stamp(static_cast<std::uint64_t>(now.count()));
  }

  void print() {
    std::sort(late_.begin(), late_.end());
    std::printf(R"({"late_p50_us":%lld,"late_p99_us":%lld,"late_max_us":%lld})"
                "\n",
                share(0.5), share(0.99), share(1));
  }

 private:
  long long share(double part) const {
    return late_[static_cast<std::size_t>(part * static_cast<double>(late_.size() - 1))];
  }

  std::vector<long long> late_;
};

}  // namespace

int main(int argc, char** argv) {
  const sluice::bench::Shape shape = sluice::bench::Shape::take(argc, argv);
  const bool stamped = argc == 7 && std::string_view(argv[6]) == "stamped";
  if (argc != 5 && argc != 6 && !stamped) {
    std::fprintf(stderr,
                 "usage: bench_fill BROKERS TOPIC PARTITIONS RECORDS [PER_SECOND [stamped]]\n");
    return 2;
  }
  const std::uint64_t partitions = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t records = std::strtoull(argv[4], nullptr, 10);
  const std::uint64_t per_second = argc >= 6 ? std::strtoull(argv[5], nullptr, 10) : 0;
  Tally tally;
  const auto producer = make_producer(argv[1], per_second == 0 ? "20" : "1", tally);
  const std::unique_ptr<rd_kafka_topic_t, KafkaDeleter> topic(
      rd_kafka_topic_new(producer.get(), argv[2], nullptr));
  await_topic(producer.get(), topic.get());
  Stamps stamps(stamped ? records : 0);
  const Pace pace(per_second);
  for (std::uint64_t number = 0; number < records; ++number) {
    DepositEvent event = shape.event(number);
    pace.wait_for(number);
    const std::int32_t partition = shape.partition(event, number, partitions);
    if (stamped) stamps.put(event, pace.late(number));
    send(producer.get(), topic.get(), partition, std::move(event));
    if (number % 1000 == 0) rd_kafka_poll(producer.get(), 0);
  }
  rd_kafka_flush(producer.get(), 60'000);
  if (tally.confirmed != records) {
    fail("flush", (std::to_string(records - tally.confirmed) + " records unconfirmed").c_str());
  }
  if (stamped) stamps.print();
  return 0;
}
