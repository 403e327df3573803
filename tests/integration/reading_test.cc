// How a consumer takes records out of librdkafka: many at once, and each of them once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka/consumer.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using kafka::Consumer;
using kafka::ConsumerEvent;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr int kPartitions = 2;

class Reading : public testing::Test {
 protected:
  ~Reading() override { close(wake_fd_); }

  // As a worker does it: polls until there is nothing, then looks at what happened.
  void turn(Consumer& consumer) {
    while (const auto* polled = consumer.poll()) {
      offsets_[polled->partition].push_back(polled->record.offset);
      bytes_ += polled->record.value->size();
      held_more_ |= consumer.holds_records();
    }
    EXPECT_FALSE(consumer.holds_records());
    for (auto& event : consumer.take_events()) {
      if (event.kind == ConsumerEvent::Kind::assigned) answer(consumer);
      if (event.kind == ConsumerEvent::Kind::partition_error) errors_.push_back(event.offset);
      if (event.kind == ConsumerEvent::Kind::lost || event.kind == ConsumerEvent::Kind::revoked) {
        ++times_gone_;
      }
    }
  }
  void answer(Consumer& consumer) {
    std::vector<kafka::PartitionOffset> from;
    for (int i = 0; i < kPartitions; ++i) from.push_back({{topic_, i}, start_.at(i)});
    ASSERT_TRUE(consumer.assign(from));
    assigned_ = true;
  }
  std::unique_ptr<Consumer> join(std::map<std::string, std::string> properties = {}) {
    kafka::ConsumerOptions options;
    options.client.brokers = {broker_.brokers()};
    options.client.properties = std::move(properties);
    options.group = topic_;
    auto consumer = Consumer::create(options, wake_fd_);
    if (!consumer) throw std::runtime_error(consumer.error().text());
    if (!(*consumer)->subscribe({topic_})) throw std::runtime_error("cannot subscribe");
    return std::move(*consumer);
  }
  std::size_t records() const {
    std::size_t all = 0;
    for (const auto& [partition, offsets] : offsets_) all += offsets.size();
    return all;
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  int wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::string topic_ =
      std::string("reading-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  std::map<int, std::int64_t> start_ = {{0, 0}, {1, 0}};
  std::map<int, std::vector<std::int64_t>> offsets_;
  std::size_t bytes_ = 0;
  std::vector<std::int64_t> errors_;
  int times_gone_ = 0;
  bool held_more_ = false;
  bool assigned_ = false;
};

std::vector<std::int64_t> up_to(std::int64_t end) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < end; ++i) all.push_back(i);
  return all;
}

TEST_F(Reading, ReturnsEachRecordOnceInOrderWhateverItsSize) {
  broker_.create_topic(topic_, kPartitions);
  std::vector<NewRecord> made;
  std::size_t bytes = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t size = i % 700 == 0 ? 300'000 : i % 50;
    made.push_back({.value = std::string(size, 'x'), .partition = i % kPartitions});
    bytes += size;
  }
  produce(broker_.brokers(), topic_, made);
  const auto consumer = join();
  EXPECT_TRUE(eventually(
      [&] {
        turn(*consumer);
        return records() >= made.size();
      },
      seconds(30), milliseconds(1)));
  for (const auto& [partition, offsets] : offsets_) EXPECT_EQ(offsets, up_to(1500)) << partition;
  EXPECT_EQ(bytes_, bytes);
  EXPECT_TRUE(held_more_) << "one at a time";
}

TEST_F(Reading, AnErrorOfOnePartitionHidesNoRecordOfAnother) {
  broker_.create_topic(topic_, kPartitions);
  produce(broker_.brokers(), topic_, std::vector<NewRecord>(500, {.value = "{}", .partition = 1}));
  start_[0] = 77;  // there is no such record
  const auto consumer = join();
  EXPECT_TRUE(eventually(
      [&] {
        turn(*consumer);
        return records() >= 500 && !errors_.empty();
      },
      seconds(30), milliseconds(1)));
  EXPECT_EQ(offsets_[1], up_to(500));
  EXPECT_EQ(errors_, std::vector<std::int64_t>{77});
}

// librdkafka gives a consumer up that does not poll; reading many at once has to count.
TEST_F(Reading, IsPollingAlsoWhereThereIsNothing) {
  broker_.create_topic(topic_, kPartitions);
  const auto consumer = join({{"session.timeout.ms", "6000"}, {"max.poll.interval.ms", "6000"}});
  ASSERT_TRUE(eventually(
      [&] {
        turn(*consumer);
        return assigned_;
      },
      seconds(30), milliseconds(1)));
  EXPECT_FALSE(eventually(
      [&] {
        turn(*consumer);
        return times_gone_ > 0;
      },
      seconds(9), milliseconds(100)));
  produce(broker_.brokers(), topic_, {{.value = "{}", .partition = 0}});
  EXPECT_TRUE(eventually(
      [&] {
        turn(*consumer);
        return records() == 1;
      },
      seconds(10), milliseconds(10)));
}

}  // namespace
}  // namespace sluice::test
