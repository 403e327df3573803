#include "replay/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/documents.h"
#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

using testing::HasSubstr;
using testing::Not;

class ListingTest : public testing::Test {
 protected:
  void add(const Stored& stored) { catalog_.add(stored.partition, stored.view()); }
  Listing listing(std::vector<GroupBy> by) const {
    Listing made(std::move(by));
    made.add("events.dlq", catalog_);
    return made;
  }

  Catalog catalog_{Filter{}};
};

TEST_F(ListingTest, CountsByWhatIsAskedAndInAll) {
  add(letter_at({0, 1}, {.offset = 1}));
  add(letter_at({0, 2}, {.offset = 2, .failed_at = kFailedAt + std::chrono::hours(1)}));
  add(letter_at({0, 3}, {.offset = 3, .reason = DeadLetterReason::schema, .status = {}}));
  add(receipt_at(4, {ReceiptKind::done, {0, 2}, "run", "", "r", {}}));
  EXPECT_EQ(listing({GroupBy::reason, GroupBy::status}).text("c.yaml"),
            "Topics: events.dlq\n"
            "REASON    STATUS  LETTERS  WAITING  UNCERTAIN  REPLAYED  OLDEST                    "
            "NEWEST\n"
            "rejected  400           2        1          0         1  2026-09-21T14:13:20.000Z  "
            "2026-09-21T15:13:20.000Z\n"
            "schema    none          1        1          0         0  2026-09-21T14:13:20.000Z  "
            "2026-09-21T14:13:20.000Z\n"
            "total                   3        2          0         1  2026-09-21T14:13:20.000Z  "
            "2026-09-21T15:13:20.000Z\n"
            "Next: sluice dlq replay c.yaml --pipeline p --dry-run\n");
  const auto by_hour = listing({GroupBy::hour});
  EXPECT_EQ(by_hour.groups().at({"2026-09-21T14:00Z"}).letters, 2U);
  EXPECT_EQ(by_hour.groups().at({"2026-09-21T15:00Z"}).letters, 1U);
}

TEST_F(ListingTest, SaysThatThereAreNone) {
  EXPECT_EQ(listing({GroupBy::pipeline}).text("c.yaml"), "Topics: events.dlq\nNo dead letters.\n");
}

TEST_F(ListingTest, NamesWhatIsUncertainAndCountsWhatComesBack) {
  add(letter_at({0, 1}));
  add(receipt_at(2, {ReceiptKind::begun, {0, 1}, "run", "", "r", {}}));
  Stored looping = letter_at({0, 3}, {.offset = 3});
  looping.headers.push_back({"sluice.replays", "3"});
  add(looping);
  const std::string text = listing({GroupBy::pipeline}).text("c.yaml");
  EXPECT_THAT(text, HasSubstr("uncertain: events/2/7 at 0:1"));
  EXPECT_THAT(text, HasSubstr("1 came back from 3 replays"));
}

TEST_F(ListingTest, NamesThePipelineWithMostLettersThatWait) {
  add(letter_at({0, 1}, {.offset = 1, .pipeline = "a"}));
  add(letter_at({0, 2}, {.offset = 2, .pipeline = "b"}));
  add(letter_at({0, 3}, {.offset = 3, .pipeline = "b"}));
  EXPECT_THAT(listing({GroupBy::reason}).text("c.yaml"), HasSubstr("--pipeline b "));
}

TEST_F(ListingTest, PutsNoLineBreakOfATopicIntoItsLines) {
  add(letter_at({0, 1}, {.pipeline = "p"}));
  Stored odd = letter_at({0, 2}, {.offset = 3});
  odd.headers.push_back({"sluice.reason", "a\nb\x1b"});
  add(odd);
  EXPECT_THAT(listing({GroupBy::reason}).text("c.yaml"), HasSubstr("a b "));
}

TEST_F(ListingTest, IsOneDocumentForPrograms) {
  add(letter_at({0, 1}));
  add(receipt_at(2, {ReceiptKind::begun, {0, 1}, "run", "", "r", {}}));
  EXPECT_EQ(list_document(listing({GroupBy::pipeline})),
            R"({"topics":["events.dlq"],)"
            R"("total":{"letters":1,"waiting":0,"uncertain":1,"replayed":0,)"
            R"("oldest":"2026-09-21T14:13:20.000Z","newest":"2026-09-21T14:13:20.000Z"},)"
            R"("groups":[{"pipeline":"p","letters":1,"waiting":0,"uncertain":1,"replayed":0,)"
            R"("oldest":"2026-09-21T14:13:20.000Z","newest":"2026-09-21T14:13:20.000Z"}],)"
            R"("uncertain":[{"id":"events/2/7","at":"0:1","pipeline":"p"}],)"
            R"("looping":0,"foreign":0})");
}

}  // namespace
}  // namespace sluice::replay
