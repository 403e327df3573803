#include "demo/producer.h"

#include <gtest/gtest.h>

#include "demo/record_id.h"
#include "support/eventually.h"

namespace sluice::demo {
namespace {

using test::eventually;

constexpr auto kPatience = std::chrono::seconds(10);

// Moves on by itself, a little with each look.
class TickingClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::milliseconds(100 * ++ticks_)); }
  WallTime wall_now() const override { return WallTime(std::chrono::seconds(1'790'000'000)); }

 private:
  mutable std::atomic<int> ticks_{0};
};

// Keeps what it is given until it is told what became of it.
class FakeWriter final : public RecordWriter {
 public:
  struct Written {
    std::string topic;
    std::string id;
    std::function<void(WriteResult)> done;
  };

  void write(const OutgoingRecord& record, std::function<void(WriteResult)> done) override {
    const std::string id = record.headers.front().value.value_or("none");
    if (answer_at_once) return done({*answer_at_once, ""});
    const std::lock_guard lock(mutex);
    written.push_back({std::string(record.topic), id, std::move(done)});
  }

  ~FakeWriter() override {
    for (auto& record : written) record.done({WriteStatus::failed, "gone"});
  }

  std::vector<Written> take() {
    const std::lock_guard lock(mutex);
    return std::exchange(written, {});
  }

  std::optional<WriteStatus> answer_at_once;
  std::mutex mutex;
  std::vector<Written> written;
};

class ProducerTest : public testing::Test {
 protected:
  void start(std::uint32_t rate, std::optional<WriteStatus> answer = std::nullopt) {
    auto writer = std::make_unique<FakeWriter>();
    writer->answer_at_once = answer;
    writer_ = writer.get();
    Producer::Options options;
    options.rate = rate;
    for (const auto& type : simulator::kEventTypes) options.topics.emplace_back(type.name);
    producer_ = std::make_unique<Producer>(std::move(writer), Generator("a", "w", 1), options,
                                           reconciliation_, clock_);
  }

  std::vector<FakeWriter::Written> take_some() {
    std::vector<FakeWriter::Written> some;
    EXPECT_TRUE(eventually(
        [&] {
          some = writer_->take();
          return !some.empty();
        },
        kPatience));
    return some;
  }

  TickingClock clock_;
  Reconciliation reconciliation_;
  FakeWriter* writer_ = nullptr;
  std::unique_ptr<Producer> producer_;
};

TEST_F(ProducerTest, ARecordCountsOnceTheBrokerConfirmsIt) {
  start(1000);
  auto written = take_some();
  EXPECT_EQ(reconciliation_.tally().produced, 0U);
  for (auto& record : written) record.done({WriteStatus::confirmed, ""});
  EXPECT_EQ(reconciliation_.tally().produced, written.size());
}

TEST_F(ProducerTest, EachGoesToTheTopicOfItsTypeWithItsIdInAHeader) {
  start(1000);
  for (const auto& record : take_some()) {
    const auto type = std::find_if(simulator::kEventTypes.begin(), simulator::kEventTypes.end(),
                                   [&](const auto& one) { return one.name == record.topic; });
    ASSERT_NE(type, simulator::kEventTypes.end());
    EXPECT_TRUE(record_number(*type, record.id).has_value()) << record.id;
  }
}

TEST_F(ProducerTest, WhatFailedIsWrittenAgainUntilItIsConfirmed) {
  start(1000);
  auto written = take_some();
  const std::string id = written.front().id;
  producer_->stop();
  EXPECT_GE(producer_->unconfirmed(), written.size());
  for (auto& record : written) record.done({WriteStatus::failed, "no broker"});
  EXPECT_FALSE(producer_->done());
  EXPECT_GE(producer_->unconfirmed(), written.size());
  std::size_t again = 0;
  EXPECT_TRUE(eventually(
      [&] {
        for (auto& record : writer_->take()) {
          again += record.id == id ? 1U : 0U;
          record.done({WriteStatus::confirmed, ""});
        }
        return producer_->done();
      },
      kPatience));
  EXPECT_EQ(again, 1U);
  EXPECT_EQ(producer_->unconfirmed(), 0U);
  EXPECT_EQ(reconciliation_.tally().produced, reconciliation_.tally().open);
}

TEST_F(ProducerTest, ItWaitsWhereATopicIsFullAndGoesOnWhenItIsRead) {
  start(50'000, WriteStatus::confirmed);
  ASSERT_TRUE(eventually([&] { return producer_->held_up(); }, kPatience));
  const auto produced = reconciliation_.tally().produced;
  for (std::size_t type = 0; type < simulator::kEventTypes.size(); ++type) {
    producer_->finished(type, produced);
  }
  EXPECT_TRUE(eventually([&] { return reconciliation_.tally().produced > produced; }, kPatience));
}

TEST_F(ProducerTest, AfterItsStopNoRecordIsMade) {
  start(1000, WriteStatus::confirmed);
  ASSERT_TRUE(eventually([&] { return reconciliation_.tally().produced > 0; }, kPatience));
  producer_->stop();
  ASSERT_TRUE(eventually([&] { return producer_->done(); }, kPatience));
  const auto produced = reconciliation_.tally().produced;
  EXPECT_FALSE(eventually([&] { return reconciliation_.tally().produced > produced; },
                          std::chrono::milliseconds(30)));
}

TEST_F(ProducerTest, KnowsHowManyItMadeBad) {
  start(50'000, WriteStatus::confirmed);
  ASSERT_TRUE(eventually([&] { return reconciliation_.tally().produced > 1000; }, kPatience));
  producer_->stop();
  ASSERT_TRUE(eventually([&] { return producer_->done(); }, kPatience));
  const auto produced = reconciliation_.tally().produced;
  EXPECT_EQ(producer_->made_bad(),
            (produced + Generator::kBadEvery / 2 - 1) / Generator::kBadEvery);
}

TEST_F(ProducerTest, ItsEndWaitsForNoBroker) {
  start(1000);
  auto written = take_some();
  producer_.reset();
  EXPECT_EQ(reconciliation_.tally().produced, 0U);
  written.clear();
}

}  // namespace
}  // namespace sluice::demo
