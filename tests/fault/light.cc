#include "fault/light.h"

#include <charconv>
#include <stdexcept>

#include "support/rdkafka_handles.h"

namespace sluice::fault {
namespace {

using RdTopic = std::unique_ptr<rd_kafka_topic_t, test::Destroyer<rd_kafka_topic_destroy>>;

constexpr std::string_view kBefore = R"({"of":)";
constexpr std::string_view kBetween = R"(,"number":)";
constexpr std::string_view kAfter =
    R"(,"name":"a record of a backlog","amount":12.50,"currency":"EUR"})";
constexpr int kFlushTimeoutMs = 60'000;

void count_refusals(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++*static_cast<std::int64_t*>(opaque);
}

void send(rd_kafka_t* client, rd_kafka_topic_t* topic, std::int32_t partition, std::string& value) {
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                          nullptr, 0, nullptr) != 0) {
    const rd_kafka_resp_err_t code = rd_kafka_last_error();
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) test::require(code, "produce");
    rd_kafka_poll(client, 10);
  }
}

// The number at the beginning of `text`, which loses it; -1: there is none.
std::int64_t number_of(std::string_view& text) {
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc() ? number : -1;
}

}  // namespace

void write_numbers(const std::string& brokers, const std::string& topic, std::int32_t partitions,
                   std::int64_t each) {
  std::int64_t refused = 0;
  const test::RdKafka client = test::make_client(RD_KAFKA_PRODUCER, brokers,
                                                 {{"enable.idempotence", "true"},
                                                  {"linger.ms", "20"},
                                                  {"queue.buffering.max.messages", "500000"}},
                                                 count_refusals, &refused);
  const RdTopic handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  for (std::int64_t number = 0; number < each; ++number) {
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      std::string value(kBefore);
      value.append(std::to_string(partition)).append(kBetween).append(std::to_string(number));
      value += kAfter;
      send(client.get(), handle.get(), partition, value);
    }
    if (number % 256 == 0) rd_kafka_poll(client.get(), 0);
  }
  test::require(rd_kafka_flush(client.get(), kFlushTimeoutMs), "flush the backlog");
  if (refused != 0) throw std::runtime_error("Kafka refused records of the backlog");
}

LightApi::LightApi(std::int32_t partitions, std::int64_t each)
    : partitions_(static_cast<std::size_t>(partitions)),
      server_([this](const test::SeenRequest& request) { return handle(request); },
              {.remember = false}) {
  for (Partition& partition : partitions_) partition.came.resize(static_cast<std::size_t>(each));
}

LightApi::Seen LightApi::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

test::Reply LightApi::handle(const test::SeenRequest& request) {
  std::string_view body = request.body;
  const std::lock_guard lock(mutex_);
  if (body.find(kBefore) == body.npos) ++seen_.unknown;
  for (std::size_t at = body.find(kBefore); at != body.npos; at = body.find(kBefore)) {
    body.remove_prefix(at + kBefore.size());
    take(body);
  }
  return {};
}

void LightApi::take(std::string_view& body) {
  const std::int64_t of = number_of(body);
  if (body.starts_with(kBetween)) body.remove_prefix(kBetween.size());
  const std::int64_t number = number_of(body);
  const bool known = of >= 0 && of < static_cast<std::int64_t>(partitions_.size()) && number >= 0 &&
                     body.starts_with(kAfter);
  if (!known) {
    ++seen_.unknown;
    return;
  }
  Partition& partition = partitions_[static_cast<std::size_t>(of)];
  const auto index = static_cast<std::size_t>(number);
  if (index >= partition.came.size()) {
    ++seen_.unknown;
  } else if (partition.came[index]) {
    ++seen_.repeated;
  } else {
    partition.came[index] = true;
    ++seen_.records;
    if (number != partition.next) ++seen_.disorder;
    partition.next = number + 1;
  }
}

}  // namespace sluice::fault
