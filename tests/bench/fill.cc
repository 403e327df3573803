// Fills the benchmarks' topic: deposit events of 780 bytes, ids evt_000000000 and up, dealt over
// the partitions in turn. Uncompressed, so that the consumer's work is not the decompressor's; each
// once, whatever the broker does. With a rate it first prints the monotonic nanosecond at which
// record 0 is due; record n is due n / rate seconds later, and handed over then. Anywhere among the
// arguments may stand --first=N (the first id), --bytes=N (of a value) and --keys=N (so many keys,
// all records of one in one partition).
#include <librdkafka/rdkafka.h>

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
    if (per_second_ == 0) return;
    const std::chrono::nanoseconds after(number * 1'000'000'000 / per_second_);
    std::this_thread::sleep_until(start_ + after);
  }

 private:
  const std::uint64_t per_second_;
  const Clock::time_point start_;
};

}  // namespace

int main(int argc, char** argv) {
  const sluice::bench::Shape shape = sluice::bench::Shape::take(argc, argv);
  if (argc != 5 && argc != 6) {
    std::fprintf(stderr, "usage: bench_fill BROKERS TOPIC PARTITIONS RECORDS [PER_SECOND]\n");
    return 2;
  }
  const std::uint64_t partitions = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t records = std::strtoull(argv[4], nullptr, 10);
  const std::uint64_t per_second = argc == 6 ? std::strtoull(argv[5], nullptr, 10) : 0;
  Tally tally;
  const auto producer = make_producer(argv[1], per_second == 0 ? "20" : "1", tally);
  const std::unique_ptr<rd_kafka_topic_t, KafkaDeleter> topic(
      rd_kafka_topic_new(producer.get(), argv[2], nullptr));
  await_topic(producer.get(), topic.get());
  const Pace pace(per_second);
  for (std::uint64_t number = 0; number < records; ++number) {
    pace.wait_for(number);
    DepositEvent event = shape.event(number);
    const std::int32_t partition = shape.partition(event, number, partitions);
    send(producer.get(), topic.get(), partition, std::move(event));
    if (number % 1000 == 0) rd_kafka_poll(producer.get(), 0);
  }
  rd_kafka_flush(producer.get(), 60'000);
  if (tally.confirmed != records) {
    fail("flush", (std::to_string(records - tally.confirmed) + " records unconfirmed").c_str());
  }
  return 0;
}
