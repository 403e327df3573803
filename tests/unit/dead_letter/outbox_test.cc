#include "dead_letter/outbox.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/test_log.h"

namespace sluice::dead_letter {
namespace {

// Keeps writes until the test says how they ended.
class FakeWriter final : public RecordWriter {
 public:
  struct Write {
    std::string topic;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<OwnedHeader> headers;
    std::function<void(WriteResult)> done;

    const std::string* header(const std::string& name) const {
      for (const auto& entry : headers) {
        if (entry.name == name && entry.value) return &*entry.value;
      }
      return nullptr;
    }
  };

  void write(const OutgoingRecord& record, std::function<void(WriteResult)> done) override {
    Write made{std::string(record.topic), std::nullopt, std::nullopt, record.headers,
               std::move(done)};
    if (record.key) made.key = std::string(*record.key);
    if (record.value) made.value = std::string(*record.value);
    writes.push_back(std::move(made));
  }

  void end(std::size_t number, WriteStatus status, std::string detail = {}) {
    writes.at(number).done({status, std::move(detail)});
  }

  std::vector<Write> writes;
};

class OutboxTest : public testing::Test {
 protected:
  Outbox make(config::DeadLetter options, std::size_t window = 1 << 20) {
    return Outbox(std::move(options), window,
                  {writer_, [](std::function<void()> message) { message(); }, clock_,
                   metrics_.pipeline("deposits", "api"), log_},
                  [this](LaneId lane, Ticket ticket, DeadLetterReason) {
                    confirmed_.emplace_back(lane, ticket);
                  });
  }

  static DeadLetter letter(LaneId lane, Ticket ticket, std::size_t bytes = 10) {
    DeadLetter made;
    made.lane = lane;
    made.ticket = ticket;
    made.origin = {"deposits", "events", 3, 41, 1'790'000'000'000};
    made.cause.reason = DeadLetterReason::rejected;
    made.cause.status = 400;
    made.key = "key";
    made.value = std::string(bytes, 'x');
    made.headers = {{"own", "header"}};
    return made;
  }

  static config::DeadLetter options(std::size_t max_bytes = 1000,
                                    config::Oversized oversized = config::Oversized::reference) {
    config::DeadLetter made;
    made.topic = "events.dlq";
    made.max_bytes = max_bytes;
    made.oversized = oversized;
    return made;
  }

  test::FakeClock clock_;
  test::TestLog log_;
  telemetry::Metrics metrics_{"test"};
  FakeWriter writer_;
  std::vector<std::pair<LaneId, Ticket>> confirmed_;
};

TEST_F(OutboxTest, IsDoneOnlyWhenTheBrokerConfirmed) {
  auto outbox = make(options());
  outbox.add(letter(1, 5));
  ASSERT_EQ(writer_.writes.size(), 1U);
  EXPECT_TRUE(confirmed_.empty());
  EXPECT_EQ(outbox.pending(1), 1U);
  EXPECT_GT(outbox.bytes(), 0U);
  writer_.end(0, WriteStatus::confirmed);
  EXPECT_EQ(confirmed_, (std::vector<std::pair<LaneId, Ticket>>{{1, 5}}));
  EXPECT_EQ(outbox.pending(), 0U);
  EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, ItsLinesNameTheRecordAndTheBatchThatItWasSentIn) {
  auto outbox = make(options());
  DeadLetter sent = letter(1, 5);
  sent.cause.batch_id = "b1";
  outbox.add(std::move(sent));
  writer_.end(0, WriteStatus::failed, "no leader");
  outbox.advance(clock_.now() + std::chrono::minutes(1));
  writer_.end(1, WriteStatus::confirmed);
  outbox.add(letter(1, 6));
  writer_.end(2, WriteStatus::confirmed);
  const auto failed = log_.lines(telemetry::Event::dead_letter_failed);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].text("batch_id"), "b1");
  EXPECT_EQ(failed[0].text("offset"), "41");
  const auto lines = log_.lines(telemetry::Event::record_dead_lettered);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text("batch_id"), "b1");
  EXPECT_EQ(lines[1].text("batch_id"), "(none)") << "it was never sent";
}

TEST_F(OutboxTest, CarriesTheRecordAsItWasAndWhyItIsHere) {
  auto outbox = make(options());
  outbox.add(letter(1, 5));
  const auto& write = writer_.writes.front();
  EXPECT_EQ(write.topic, "events.dlq");
  EXPECT_EQ(write.key, "key");
  EXPECT_EQ(write.value, std::string(10, 'x'));
  ASSERT_NE(write.header("own"), nullptr);
  ASSERT_NE(write.header("sluice.reason"), nullptr);
  EXPECT_EQ(*write.header("sluice.reason"), "rejected");
  EXPECT_EQ(*write.header("sluice.offset"), "41");
  EXPECT_EQ(*write.header("sluice.status"), "400");
}

TEST_F(OutboxTest, ARecordThatWasReplayedHasOneEnvelopeAndTellsOfItsReplays) {
  auto outbox = make(options());
  DeadLetter replayed = letter(1, 5);
  replayed.headers.push_back({"sluice.reason", "schema"});
  replayed.headers.push_back({"sluice.oversized", "9"});
  replayed.headers.push_back({"sluice.replays", "2"});
  outbox.add(std::move(replayed));
  const auto& write = writer_.writes.front();
  EXPECT_EQ(*write.header("sluice.reason"), "rejected");
  EXPECT_EQ(write.header("sluice.oversized"), nullptr);
  EXPECT_EQ(*write.header("sluice.replays"), "2");
  EXPECT_NE(write.header("own"), nullptr);
}

TEST_F(OutboxTest, AFailedWriteStallsAndOneLetterTriesUntilTheTopicIsBack) {
  auto outbox = make(options());
  outbox.add(letter(1, 0));
  outbox.add(letter(1, 1));
  writer_.end(0, WriteStatus::failed, "unknown topic");
  writer_.end(1, WriteStatus::failed, "unknown topic");
  ASSERT_TRUE(outbox.stalled().has_value());
  EXPECT_EQ(*outbox.stalled(), "unknown topic");
  outbox.add(letter(1, 2));
  EXPECT_EQ(writer_.writes.size(), 2U) << "what is added while stalled waits";
  outbox.advance(clock_.now());
  EXPECT_EQ(writer_.writes.size(), 2U);
  clock_.advance(*outbox.deadline() - clock_.now());
  outbox.advance(clock_.now());
  outbox.advance(clock_.now());
  EXPECT_EQ(writer_.writes.size(), 3U) << "one tries for all";
  writer_.end(2, WriteStatus::confirmed);
  EXPECT_FALSE(outbox.stalled().has_value());
  EXPECT_EQ(writer_.writes.size(), 5U) << "the others follow";
  writer_.end(3, WriteStatus::confirmed);
  writer_.end(4, WriteStatus::confirmed);
  EXPECT_EQ(confirmed_.size(), 3U);
}

TEST_F(OutboxTest, HasNoDeadlineWhileALetterIsOnItsWay) {
  auto outbox = make(options());
  outbox.add(letter(1, 0));
  writer_.end(0, WriteStatus::failed, "down");
  clock_.advance(Outbox::kFirstRetry);
  outbox.advance(clock_.now());
  EXPECT_EQ(outbox.deadline(), std::nullopt) << "a deadline in the past would spin the loop";
}

TEST_F(OutboxTest, LettersThatFailTogetherAreOneFailure) {
  auto outbox = make(options());
  for (Ticket ticket = 0; ticket < 20; ++ticket) outbox.add(letter(1, ticket));
  for (std::size_t i = 0; i < 20; ++i) writer_.end(i, WriteStatus::failed, "down");
  EXPECT_EQ(*outbox.deadline(), clock_.now() + Outbox::kFirstRetry);
}

TEST_F(OutboxTest, NoMoreThanItsWindowIsOnItsWayAtOnce) {
  auto outbox = make(options(10'000), 2500);
  for (Ticket ticket = 0; ticket < 5; ++ticket) outbox.add(letter(1, ticket, 600));
  EXPECT_EQ(writer_.writes.size(), 2U);
  EXPECT_FALSE(outbox.stalled().has_value()) << "waiting for a turn is no trouble";
  for (std::size_t i = 0; i < 5; ++i) writer_.end(i, WriteStatus::confirmed);
  EXPECT_EQ(confirmed_.size(), 5U);
}

TEST_F(OutboxTest, ALetterLargerThanTheWindowGoesAlone) {
  auto outbox = make(options(10'000), 100);
  outbox.add(letter(1, 0, 5000));
  outbox.add(letter(1, 1));
  EXPECT_EQ(writer_.writes.size(), 1U);
  writer_.end(0, WriteStatus::confirmed);
  EXPECT_EQ(writer_.writes.size(), 2U);
}

TEST_F(OutboxTest, ATombstoneCountsToo) {
  auto outbox = make(options());
  DeadLetter tombstone = letter(1, 0);
  tombstone.key.reset();
  tombstone.value.reset();
  tombstone.headers.clear();
  outbox.add(std::move(tombstone));
  EXPECT_GT(outbox.bytes(), 100U);
}

TEST_F(OutboxTest, WaitsBetweenTriesGrowToTheirBound) {
  auto outbox = make(options());
  outbox.add(letter(1, 0));
  Duration last{};
  for (std::size_t i = 0; i < 12; ++i) {
    writer_.end(i, WriteStatus::failed, "down");
    last = *outbox.deadline() - clock_.now();
    EXPECT_LE(last, Outbox::kLastRetry);
    clock_.advance(last);
    outbox.advance(clock_.now());
  }
  EXPECT_EQ(last, Outbox::kLastRetry);
  EXPECT_TRUE(confirmed_.empty());
}

TEST_F(OutboxTest, AnOversizedLetterBecomesAReference) {
  auto outbox = make(options(100));
  outbox.add(letter(1, 0, 5000));
  EXPECT_EQ(writer_.writes[0].value, std::nullopt);
  EXPECT_EQ(writer_.writes[0].key, "key");
  writer_.end(0, WriteStatus::confirmed);
  EXPECT_EQ(confirmed_.size(), 1U);
}

TEST_F(OutboxTest, SoDoesOneTheBrokerCallsTooLarge) {
  auto outbox = make(options());
  outbox.add(letter(1, 0));
  writer_.end(0, WriteStatus::too_large, "Broker: Message size too large");
  ASSERT_EQ(writer_.writes.size(), 2U);
  EXPECT_EQ(writer_.writes[1].value, std::nullopt);
  writer_.end(1, WriteStatus::confirmed);
  EXPECT_EQ(confirmed_.size(), 1U);
}

TEST_F(OutboxTest, OrParksWhereThatIsThePolicy) {
  auto outbox = make(options(100, config::Oversized::park));
  outbox.add(letter(1, 0, 5000));
  EXPECT_TRUE(writer_.writes.empty());
  ASSERT_TRUE(outbox.stalled().has_value());
  EXPECT_NE(outbox.stalled()->find("max_bytes"), std::string::npos);
  clock_.advance(std::chrono::minutes(5));
  outbox.advance(clock_.now());
  EXPECT_TRUE(writer_.writes.empty());
}

TEST_F(OutboxTest, ALaneThatEndedIsForgotten) {
  auto outbox = make(options());
  outbox.add(letter(1, 0));
  outbox.add(letter(2, 0));
  outbox.forget(1);
  writer_.end(0, WriteStatus::confirmed);
  EXPECT_TRUE(confirmed_.empty()) << "late: its partition has another owner";
  writer_.end(1, WriteStatus::confirmed);
  EXPECT_EQ(confirmed_.size(), 1U);
  EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, ConfirmationsAfterItsEndAreDropped) {
  {
    auto outbox = make(options());
    outbox.add(letter(1, 0));
  }
  writer_.end(0, WriteStatus::confirmed);
  EXPECT_TRUE(confirmed_.empty());
}

TEST_F(OutboxTest, SaysHowLongTheOldestRecordOfEachLaneHasWaited) {
  using std::chrono::seconds;
  auto outbox = make(options());
  EXPECT_TRUE(outbox.oldest_ages().empty());
  clock_.set_wall(WallTime(seconds(1'790'000'100)));
  outbox.add(letter(1, 5));
  DeadLetter other = letter(1, 6);
  other.origin.timestamp_ms = 1'790'000'090'000;
  outbox.add(other);
  other.lane = 2;
  other.origin.timestamp_ms = -1;
  outbox.add(other);
  other.lane = 3;
  other.origin.timestamp_ms = 1'790'009'000'000;  // a clock that is ahead
  outbox.add(other);
  clock_.advance(seconds(3));
  const std::map<LaneId, Duration> ages{{1, seconds(103)}, {2, seconds(3)}, {3, seconds(0)}};
  EXPECT_EQ(outbox.oldest_ages(), ages);
  writer_.end(0, WriteStatus::confirmed);
  EXPECT_EQ(outbox.oldest_ages().at(1), seconds(13));
}

}  // namespace
}  // namespace sluice::dead_letter
