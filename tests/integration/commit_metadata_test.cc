// What a real broker keeps beside a committed offset, and how a consumer goes on elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/metadata.h"
#include "kafka/consumer.h"
#include "kafka/offset_lookup.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using kafka::Consumer;
using kafka::ConsumerEvent;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class CommitMetadata : public testing::Test {
 protected:
  void SetUp() override {
    topic_ =
        std::string("metadata-") + testing::UnitTest::GetInstance()->current_test_info()->name();
    broker_.create_topic(topic_, 2);
    produce(broker_.brokers(), topic_,
            std::vector<NewRecord>(100, {.value = "{}", .partition = 0}));
  }
  ~CommitMetadata() override { close(wake_fd_); }

  // A member of the group that has the topic's two partitions; there are records in of().
  std::unique_ptr<Consumer> join(std::int64_t from) {
    auto consumer = bystander();
    if (!consumer->subscribe({topic_})) throw std::runtime_error("cannot subscribe");
    if (!wait_for_event(*consumer, ConsumerEvent::Kind::assigned)) {
      throw std::runtime_error("no partition was assigned");
    }
    if (!consumer->assign({{of(), from}, {other(), 0}})) throw std::runtime_error("cannot assign");
    return consumer;
  }

  // One that can ask, and has not joined.
  std::unique_ptr<Consumer> bystander() {
    kafka::ConsumerOptions options;
    options.client.brokers = {broker_.brokers()};
    options.group = topic_;
    auto consumer = Consumer::create(options, wake_fd_);
    if (!consumer) throw std::runtime_error(consumer.error().text());
    return std::move(*consumer);
  }

  static std::optional<ConsumerEvent> wait_for_event(Consumer& consumer, ConsumerEvent::Kind kind) {
    std::optional<ConsumerEvent> found;
    eventually(
        [&] {
          consumer.poll(milliseconds(50));
          for (auto& event : consumer.take_events()) {
            if (event.kind == kind) found = std::move(event);
          }
          return found.has_value();
        },
        seconds(20), milliseconds(1));
    return found;
  }

  static std::optional<std::int64_t> next_offset(Consumer& consumer) {
    const kafka::PolledRecord* polled = nullptr;
    eventually([&] { return (polled = consumer.poll(milliseconds(50))) != nullptr; }, seconds(10),
               milliseconds(1));
    return polled == nullptr ? std::nullopt : std::optional(polled->record.offset);
  }

  // Also serves the consumer, as the worker's loop does.
  kafka::CommitResult commit(Consumer& consumer, std::int64_t offset, const std::string& metadata) {
    if (const auto sent = consumer.commit({{of(), offset, metadata}}); !sent) {
      return {false, sent.error().text()};
    }
    std::optional<kafka::CommitResult> result;
    eventually(
        [&] {
          consumer.poll();
          result = consumer.commit_result(milliseconds(50));
          return result.has_value();
        },
        seconds(20), milliseconds(1));
    return result.value_or(kafka::CommitResult{false, "no result"});
  }

  kafka::Committed committed(const Consumer& consumer) {
    const auto found = kafka::committed_offsets(consumer, {of()});
    if (!found) throw std::runtime_error(found.error().text());
    return found->count(of()) == 0 ? kafka::Committed{-1, ""} : found->at(of());
  }

  TopicPartition of() const { return {topic_, 0}; }
  TopicPartition other() const { return {topic_, 1}; }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  int wake_fd_ = eventfd(0, EFD_NONBLOCK);
};

TEST_F(CommitMetadata, ComesBackByteForByteToTheNextOwner) {
  std::string longest;
  while (longest.size() < commit::kMostMetadata) {
    longest += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  }
  const auto member = join(kafka::kBeginning);
  for (const std::string& metadata : {std::string("x"), longest}) {
    const auto result = commit(*member, 10, metadata);
    EXPECT_TRUE(result.ok) << result.text;
    const auto next = bystander();
    EXPECT_EQ(committed(*next).offset, 10);
    EXPECT_EQ(committed(*next).metadata, metadata);
  }
}

TEST_F(CommitMetadata, OneByteMoreThanOurLimitIsRefused) {
  const auto member = join(kafka::kBeginning);
  ASSERT_TRUE(commit(*member, 10, std::string(commit::kMostMetadata, 'x')).ok);
  const auto result = commit(*member, 20, std::string(commit::kMostMetadata + 1, 'x'));
  EXPECT_FALSE(result.ok);
  EXPECT_THAT(result.text, HasSubstr("metadata"));
  EXPECT_EQ(committed(*member).offset, 10);
}

TEST_F(CommitMetadata, ChangesWhileTheOffsetStaysWhereItIs) {
  const auto member = join(kafka::kBeginning);
  for (const std::string metadata : {"first", "second", ""}) {
    ASSERT_TRUE(commit(*member, 10, metadata).ok);
    EXPECT_EQ(committed(*member).metadata, metadata) << "each commit replaces the whole";
    EXPECT_EQ(committed(*member).offset, 10);
  }
}

TEST_F(CommitMetadata, OfAnOperatorsToolIsReadAndNotTakenForOurs) {
  const auto member = join(kafka::kBeginning);
  EXPECT_EQ(committed(*member).offset, -1);
  ASSERT_TRUE(commit(*member, 10, "reset by an operator").ok);
  const auto id = kafka::cluster_id(*member);
  ASSERT_TRUE(id);
  EXPECT_THAT(*id, Not(testing::IsEmpty()));
  EXPECT_EQ(commit::decode(committed(*member).metadata, {*id, topic_, 0}, 10), std::nullopt);
}

TEST_F(CommitMetadata, TheClusterKeepsItsIdThroughARestart) {
  const auto before = kafka::cluster_id(*bystander());
  ASSERT_TRUE(before);
  broker_.stop();
  broker_.start();
  EXPECT_EQ(kafka::cluster_id(*bystander()).value_or("none"), *before);
}

TEST_F(CommitMetadata, AMemberGoesOnFromWhereItIsToldTo) {
  const auto member = join(50);
  EXPECT_EQ(next_offset(*member), 50);
  ASSERT_TRUE(member->move({of(), 20}, {{other(), 0}}));
  EXPECT_EQ(next_offset(*member), 20) << "nothing of what was prefetched comes through";
  ASSERT_TRUE(member->move({of(), kafka::kBeginning}, {{other(), 0}}));
  EXPECT_EQ(next_offset(*member), 0);
}

TEST_F(CommitMetadata, AMemberGoesOnAfterItsOffsetWasOutOfRange) {
  const auto member = join(5000);
  const auto event = wait_for_event(*member, ConsumerEvent::Kind::partition_error);
  ASSERT_TRUE(event && event->out_of_range);
  ASSERT_TRUE(member->move({of(), 20}, {{other(), 0}}));
  EXPECT_EQ(next_offset(*member), 20);
}

TEST_F(CommitMetadata, APartitionThatMovesLeavesTheOthersWhereTheyAre) {
  const auto member = join(50);
  EXPECT_EQ(next_offset(*member), 50);
  member->pause(of());
  produce(broker_.brokers(), topic_, {{.value = "{}", .partition = 1}});
  ASSERT_TRUE(member->move({other(), 0}, {{of(), 51}}));
  EXPECT_EQ(next_offset(*member), 0) << "what is paused stays paused";
  member->resume(of());
  EXPECT_EQ(next_offset(*member), 51);
}

}  // namespace
}  // namespace sluice::test
