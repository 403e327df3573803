#include "replay/replayer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/replay/fake_writer.h"

namespace sluice::replay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Ends each letter as the test says; by default it arrives.
class FakeDestination final : public Destination {
 public:
  std::string name() const override { return "nowhere"; }
  std::size_t at_once() const override { return 2; }
  Result<void> bring(std::span<const LetterRecord> letters, Pace& pace,
                     const OnEnd& on_end) override {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      if (!pace.pass()) return fail("interrupted");
      brought.push_back(letters[i].letter.place.offset);
      values.push_back(letters[i].value.value_or("(null)"));
      headers = letters[i].headers.size();
      const Ended ended = end ? end(letters[i]) : Ended{Ending::replayed};
      on_end(i, ended);
      if (stop_after == letters[i].letter.place.offset) return fail("refused credentials");
    }
    return {};
  }

  std::function<Ended(const LetterRecord&)> end;
  std::optional<std::int64_t> stop_after;
  std::vector<std::int64_t> brought;
  std::vector<std::string> values;
  std::size_t headers = 0;
};

// A dead-letter topic with letters at the offsets 1 to n. What is written to it can be read.
class ReplayerTest : public testing::Test {
 protected:
  void letters(std::int64_t count) {
    for (std::int64_t i = 1; i <= count; ++i) add(letter_at({0, i}, {.offset = i}));
  }
  void add(const Stored& stored) {
    catalog_.add(stored.partition, stored.view());
    values_.add(stored);
    values_.open();
  }

  Tally run(const Wish& wish = {}) {
    writer_.confirmed = [this](const Written& written) {
      if (before_ours) log_.add(*std::exchange(before_ours, std::nullopt));
      Stored stored;
      stored.partition = written.partition.value_or(-1);
      stored.offset = ++log_end_;
      stored.headers = written.headers;
      log_.add(stored);
    };
    Pace pace(rate_, clock_, waiting_);
    return Replayer(make_plan(catalog_, wish), catalog_.receipts(),
                    {"events.dlq", "us", values_, log_, writer_, destination_, clock_, pace,
                     [this](const Letter&) { return original_; },
                     [this](const Letter& letter, std::string_view ending, std::string_view) {
                       said_.push_back(to_string(letter.place) + " " + std::string(ending));
                     }})
        .run();
  }

  std::vector<std::string> receipts() const {
    std::vector<std::string> all;
    for (const auto& record : writer_.records) {
      all.push_back(record.header("sluice.letter") + " " + record.header("sluice.receipt"));
    }
    return all;
  }

  test::FakeClock clock_;
  FakeWaiting waiting_{clock_};
  FakeSource values_{clock_};
  FakeSource log_{clock_};
  FakeWriter writer_;
  FakeDestination destination_;
  Catalog catalog_{Filter{}};
  double rate_ = 1'000;
  std::int64_t log_end_ = 1'000;
  std::optional<Stored> before_ours;
  Result<std::string> original_ = fail("its topic no longer has it");
  std::vector<std::string> said_;
};

TEST_F(ReplayerTest, NotesEachLetterBeforeAndAfterItIsBrought) {
  letters(3);
  const Tally tally = run();
  EXPECT_EQ(tally.replayed, 3U);
  EXPECT_FALSE(tally.stopped.has_value());
  EXPECT_THAT(destination_.brought, ElementsAre(1, 2, 3));
  EXPECT_THAT(receipts(), ElementsAre("0:1 begun", "0:2 begun", "0:1 done", "0:2 done", "0:3 begun",
                                      "0:3 done"));
  EXPECT_EQ(writer_.records[0].topic, "events.dlq");
  EXPECT_EQ(writer_.records[0].partition, 0);
  EXPECT_EQ(writer_.records[0].value, std::nullopt);
  EXPECT_EQ(writer_.records[0].header("sluice.run"), "us");
  EXPECT_EQ(destination_.headers, 0U) << "the envelope is not the record's";
}

TEST_F(ReplayerTest, BringsNothingWhoseReceiptIsNotConfirmed) {
  letters(2);
  writer_.answer = [](const Written& written) -> WriteResult {
    if (written.header("sluice.letter") == "0:2") return {WriteStatus::failed, "denied"};
    return {WriteStatus::confirmed, ""};
  };
  const Tally tally = run();
  EXPECT_THAT(destination_.brought, IsEmpty());
  ASSERT_TRUE(tally.stopped.has_value());
  EXPECT_NE(tally.stopped->cause.find("denied"), std::string::npos);
  EXPECT_THAT(receipts(), ElementsAre("0:1 begun", "0:1 not_sent"));
}

TEST_F(ReplayerTest, LeavesALetterThatAnotherReplayClaimedFirst) {
  letters(2);
  before_ours = receipt_at(900, {ReceiptKind::begun, {0, 1}, "they", "", "", {}});
  const Tally tally = run();
  EXPECT_THAT(destination_.brought, ElementsAre(2));
  EXPECT_EQ(tally.taken, 1U);
  EXPECT_THAT(said_, ElementsAre("0:1 taken", "0:2 replayed"));
}

TEST_F(ReplayerTest, TakesOverWhatIsUncertainOnlyFromTheReplayThatWasSeen) {
  letters(2);
  for (const std::int64_t at : {1, 2}) {
    const Stored receipt = receipt_at(10 + at, {ReceiptKind::begun, {0, at}, "killed", "", "", {}});
    catalog_.add(0, receipt.view());
  }
  before_ours = receipt_at(900, {ReceiptKind::begun, {0, 2}, "they", "killed", "", {}});
  const Tally tally = run({.uncertain = true});
  EXPECT_EQ(writer_.records[0].header("sluice.after"), "killed");
  EXPECT_THAT(destination_.brought, ElementsAre(1));
  EXPECT_EQ(tally.taken, 1U);
}

TEST_F(ReplayerTest, GivesBackWhatWasRefusedAndKeepsWhatIsUncertain) {
  letters(2);
  destination_.end = [](const LetterRecord& record) {
    return record.letter.place.offset == 1 ? Ended{Ending::refused, "400"}
                                           : Ended{Ending::uncertain, "timed out"};
  };
  const Tally tally = run();
  EXPECT_EQ(tally.refused, 1U);
  EXPECT_EQ(tally.uncertain, 1U);
  EXPECT_THAT(receipts(), ElementsAre("0:1 begun", "0:2 begun", "0:1 not_sent"));
}

TEST_F(ReplayerTest, StopsWithTheCauseAndGivesBackWhatItDidNotTry) {
  letters(4);
  destination_.stop_after = 1;
  destination_.end = [](const LetterRecord&) { return Ended{Ending::refused, "401"}; };
  const Tally tally = run();
  EXPECT_EQ(tally.stopped->cause, "refused credentials");
  EXPECT_EQ(tally.tried(), 1U);
  EXPECT_THAT(receipts(), ElementsAre("0:1 begun", "0:2 begun", "0:1 not_sent", "0:2 not_sent"));
}

TEST_F(ReplayerTest, StopsBetweenTwoLettersWhenItIsToldTo) {
  letters(4);
  rate_ = 2;
  waiting_.stop_at = clock_.now() + std::chrono::milliseconds(400);
  const Tally tally = run();
  EXPECT_EQ(tally.replayed, 1U);
  EXPECT_EQ(tally.stopped->cause, "interrupted");
  EXPECT_THAT(receipts(), ElementsAre("0:1 begun", "0:2 begun", "0:1 done", "0:2 not_sent"));
}

TEST_F(ReplayerTest, ASlowReplayClaimsNoMoreThanASecondsWorth) {
  letters(3);
  rate_ = 0.5;
  run();
  EXPECT_THAT(receipts(), ElementsAre("0:1 begun", "0:1 done", "0:2 begun", "0:2 done", "0:3 begun",
                                      "0:3 done"));
}

TEST_F(ReplayerTest, BringsTheValueThatALetterRefersTo) {
  Stored stored = letter_at({0, 1});
  stored.value.reset();
  stored.headers.push_back(codec::oversized_marker(8));
  add(stored);
  original_ = "original";
  EXPECT_EQ(run().replayed, 1U);
  EXPECT_THAT(destination_.values, ElementsAre("original"));
}

TEST_F(ReplayerTest, CountsWhatIsGone) {
  Stored stored = letter_at({0, 1});
  stored.value.reset();
  stored.headers.push_back(codec::oversized_marker(8));
  add(stored);
  const Stored vanished = letter_at({0, 9}, {.offset = 9});
  catalog_.add(0, vanished.view());
  const Tally tally = run();
  EXPECT_EQ(tally.gone, 2U);
  EXPECT_THAT(writer_.records, IsEmpty());
  EXPECT_THAT(said_, ElementsAre("0:1 gone", "0:9 gone"));
}

TEST_F(ReplayerTest, ATombstoneIsBroughtAsOne) {
  Stored stored = letter_at({0, 1});
  stored.value.reset();
  add(stored);
  EXPECT_EQ(run().replayed, 1U);
  EXPECT_THAT(destination_.values, ElementsAre("(null)"));
}

}  // namespace
}  // namespace sluice::replay
