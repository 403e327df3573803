#include "replay/topic_destination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/replay/fake_writer.h"

namespace sluice::replay {
namespace {

using testing::ElementsAre;

LetterRecord record_of(std::int64_t offset, std::int32_t partition = 2) {
  LetterRecord record;
  record.letter.topic = "events";
  record.letter.partition = partition;
  record.letter.offset = offset;
  record.key = "key";
  record.value = std::string("\0\xff", 2);
  record.headers = {{"trace", "abc"}, {"null", std::nullopt}, {"trace", "again"}};
  return record;
}

class TopicDestinationTest : public testing::Test {
 protected:
  Result<void> bring(const std::vector<LetterRecord>& letters, double rate = 1'000) {
    Pace pace(rate, clock_, waiting_);
    endings_.assign(letters.size(), {});
    return destination_.bring(letters, pace,
                              [this](std::size_t i, Ended ended) { endings_[i] = ended; });
  }
  std::vector<Ending> endings() const {
    std::vector<Ending> all;
    for (const Ended& ended : endings_) all.push_back(ended.ending);
    return all;
  }

  test::FakeClock clock_;
  FakeWaiting waiting_{clock_};
  FakeWriter writer_;
  TopicDestination destination_{writer_, {{"events", 3}}};
  std::vector<Ended> endings_;
};

TEST_F(TopicDestinationTest, WritesTheRecordAsItWasAndSaysThatItIsAReplay) {
  ASSERT_TRUE(bring({record_of(7)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::replayed));
  const Written& written = writer_.records.at(0);
  EXPECT_EQ(written.topic, "events");
  EXPECT_EQ(written.partition, 2);
  EXPECT_EQ(written.key, "key");
  EXPECT_EQ(written.value, std::string("\0\xff", 2));
  ASSERT_EQ(written.headers.size(), 5U);
  EXPECT_EQ(written.headers[0].value, "abc");
  EXPECT_EQ(written.headers[1].value, std::nullopt);
  EXPECT_EQ(written.headers[2].value, "again");
  EXPECT_EQ(written.header("sluice.replays"), "1");
  EXPECT_EQ(written.header("sluice.replay_of"), "events/2/7");
}

TEST_F(TopicDestinationTest, CountsReplaysOnAndMarksThemOnce) {
  LetterRecord record = record_of(7);
  record.letter.replays = 1;
  record.headers.push_back({"sluice.replays", "1"});
  record.headers.push_back({"sluice.replay_of", "events/2/1"});
  ASSERT_TRUE(bring({record}).has_value());
  EXPECT_EQ(writer_.records.at(0).headers.size(), 5U);
  EXPECT_EQ(writer_.records.at(0).header("sluice.replays"), "2");
}

TEST_F(TopicDestinationTest, GoesByTheKeyWhereTheTopicHasNoSuchPartitionAnyMore) {
  ASSERT_TRUE(bring({record_of(7, 3)}).has_value());
  EXPECT_EQ(writer_.records.at(0).partition, std::nullopt);
}

TEST_F(TopicDestinationTest, KnowsWhatWasRefusedFromWhatIsUncertain) {
  writer_.answer = [](const Written& written) -> WriteResult {
    const std::string of = written.header("sluice.replay_of");
    if (of == "events/2/1") return {WriteStatus::too_large, "too large"};
    if (of == "events/2/2") return {WriteStatus::failed, "timed out"};
    return {WriteStatus::confirmed, ""};
  };
  const auto brought = bring({record_of(1), record_of(2), record_of(3)});
  EXPECT_THAT(endings(), ElementsAre(Ending::refused, Ending::uncertain, Ending::replayed));
  ASSERT_FALSE(brought.has_value());
  EXPECT_NE(brought.error().cause.find("timed out"), std::string::npos);
}

TEST_F(TopicDestinationTest, StopsBetweenTwoLetters) {
  waiting_.stop_at = clock_.now() + std::chrono::milliseconds(150);
  EXPECT_FALSE(bring({record_of(1), record_of(2), record_of(3)}, 10).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::replayed, Ending::replayed, Ending::left));
}

}  // namespace
}  // namespace sluice::replay
