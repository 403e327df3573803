// Which records wait for each other: order key, order none, groups.
#include <map>
#include <set>

#include "unit/batch/strands_harness.h"

namespace sluice::batch {
namespace {

using std::chrono::milliseconds;

class StrandsOrderTest : public StrandsHarness {
 protected:
  // A key for each of the shards, so that tests can tell them apart.
  std::vector<std::string> keys_of_different_strands(std::uint32_t shards) {
    std::vector<std::string> keys;
    for (int i = 0; keys.size() < shards; ++i) {
      const std::string key = "key" + std::to_string(i);
      auto strands = make(by_key(shards, 1));
      for (const auto& other : keys) add(strands, "1", other);
      add(strands, "1", key);
      std::vector<std::unique_ptr<Batch>> taken;
      while (auto batch = strands.take_next()) taken.push_back(std::move(batch));
      if (taken.size() > keys.size()) keys.push_back(key);
    }
    return keys;
  }

  static std::string of_tenant(int tenant, int n = 0) {
    return R"({"t":)" + std::to_string(tenant) + R"(,"n":)" + std::to_string(n) + "}";
  }
};

TEST_F(StrandsOrderTest, KeysOfDifferentStrandsDoNotWaitForEachOther) {
  const auto keys = keys_of_different_strands(2);
  auto strands = make(by_key(2, 1));
  add(strands, "1", keys[0]);
  add(strands, "2", keys[0]);
  add(strands, "3", keys[1]);
  const auto first = strands.take_next();
  const auto second = strands.take_next();
  EXPECT_EQ(body(first), "[1]");
  EXPECT_EQ(body(second), "[3]");
  EXPECT_NE(first->strand, second->strand);
  EXPECT_EQ(strands.take_next(), nullptr) << "2 has the key of 1";
  strands.finished(*first);
  EXPECT_EQ(take(strands), "[2]");
}

TEST_F(StrandsOrderTest, TheBatchOfOneRecordCanBeTakenBeforeItsTurn) {
  const auto keys = keys_of_different_strands(2);
  auto strands = make(by_key(2, 1));
  add(strands, "1", keys[0]);
  const Ticket awaited = ticket_;
  add(strands, "2", keys[1]);
  EXPECT_EQ(strands.take_next(ticket_), nullptr) << "nothing begins with it";
  const auto batch = strands.take_next(awaited);
  EXPECT_EQ(body(batch), "[2]");
  EXPECT_EQ(strands.take_next(awaited), nullptr);
  strands.finished(*batch);
  EXPECT_EQ(take(strands), "[1]");
  EXPECT_EQ(take(strands), "");
}

TEST_F(StrandsOrderTest, AllRecordsOfAKeyAreInOneStrand) {
  auto strands = make(by_key(8, 3));
  for (int i = 0; i < 2000; ++i) add(strands, std::to_string(i), "k" + std::to_string(i % 50));
  pass(strands, kLinger);
  std::map<std::string, std::set<std::uint64_t>> strands_of;
  std::set<std::uint64_t> all;
  while (auto batch = strands.take_next()) {
    for (std::size_t i = 0; i < batch->size(); ++i) {
      strands_of[std::string(*batch->key(i))].insert(batch->strand);
    }
    all.insert(batch->strand);
    strands.finished(*batch);
    strands.close_due(clock_.now());
  }
  EXPECT_EQ(strands_of.size(), 50U);
  for (const auto& [key, ids] : strands_of) EXPECT_EQ(ids.size(), 1U) << key;
  EXPECT_EQ(all.size(), 8U);
}

TEST_F(StrandsOrderTest, AnEmptyKeyIsAKeyAndNoKeyIsNone) {
  auto strands = make(by_key(8, 1));
  for (int i = 0; i < 16; ++i) add(strands, "1", "");
  EXPECT_NE(strands.take_next(), nullptr);
  EXPECT_EQ(strands.take_next(), nullptr);
  for (int i = 0; i < 16; ++i) add(strands, "2");
  int taken = 0;
  while (strands.take_next()) ++taken;
  EXPECT_GE(taken, 7);
}

TEST_F(StrandsOrderTest, RecordsWithoutAKeySpreadInRunsThatFillBatches) {
  auto strands = make(by_key(4, 10));
  for (int i = 0; i < 80; ++i) add(strands, "1");
  std::vector<std::unique_ptr<Batch>> taken;
  while (auto batch = strands.take_next()) taken.push_back(std::move(batch));
  ASSERT_EQ(taken.size(), 4U);
  for (const auto& batch : taken) {
    EXPECT_EQ(batch->size(), 10U);
    EXPECT_EQ(batch->closed_by, CloseReason::count);
  }
}

TEST_F(StrandsOrderTest, StrandsTakeTurns) {
  const auto keys = keys_of_different_strands(3);
  auto strands = make(by_key(3, 1));
  for (int i = 0; i < 3; ++i) add(strands, "1", keys[0]);
  add(strands, "2", keys[1]);
  add(strands, "3", keys[2]);
  std::string taken;
  while (strands.closed() > 0) taken += take(strands);
  EXPECT_EQ(taken, "[1][2][3][1][1]");
}

TEST_F(StrandsOrderTest, EachStrandLingersForItself) {
  const auto keys = keys_of_different_strands(2);
  auto strands = make(by_key(2, 100));
  add(strands, "1", keys[0]);
  pass(strands, milliseconds(40));
  add(strands, "2", keys[1]);
  pass(strands, milliseconds(60));
  EXPECT_EQ(take(strands), "[1]");
  EXPECT_EQ(take(strands), "");
  EXPECT_EQ(strands.deadline(), clock_.now() + milliseconds(40));
  pass(strands, milliseconds(40));
  EXPECT_EQ(take(strands), "[2]");
}

TEST_F(StrandsOrderTest, WithoutOrderSeveralGoAtOnce) {
  auto strands = make(unordered(8, 2));
  for (const char* record : {"1", "2", "3", "4", "5"}) add(strands, record, "same key");
  pass(strands, kLinger);
  const auto first = strands.take_next();
  const auto second = strands.take_next();
  const auto third = strands.take_next();
  EXPECT_EQ(body(first), "[1,2]");
  EXPECT_EQ(body(second), "[3,4]");
  EXPECT_EQ(body(third), "[5]") << "a batch under way does not make it linger on";
  for (const auto* batch : {&third, &first, &second}) strands.finished(**batch);
  EXPECT_EQ(strands.take_next(), nullptr);
}

TEST_F(StrandsOrderTest, GroupsAreBatchesOfTheirOwnThatDoNotWaitForEachOther) {
  auto by_tenant = router("/events", {}, {"{/t}"});
  auto strands = make(one_strand(2, 100'000), by_tenant);
  for (int n = 0; n < 4; ++n) {
    for (int tenant = 1; tenant <= 2; ++tenant) add(strands, of_tenant(tenant, n));
  }
  EXPECT_EQ(strands.open_strands(), 2U);
  const auto first = strands.take_next();
  const auto second = strands.take_next();
  EXPECT_EQ(body(first), "[" + of_tenant(1, 0) + "," + of_tenant(1, 1) + "]");
  EXPECT_EQ(body(second), "[" + of_tenant(2, 0) + "," + of_tenant(2, 1) + "]");
  EXPECT_EQ(first->route.group, std::vector<std::string>{"1"});
  EXPECT_EQ(strands.take_next(), nullptr) << "each tenant in its order";
  strands.finished(*second);
  EXPECT_EQ(take(strands), "[" + of_tenant(2, 2) + "," + of_tenant(2, 3) + "]");
}

TEST_F(StrandsOrderTest, APathMadeFromRecordsGroupsThem) {
  auto by_path = router("/users/{key}");
  auto strands = make(one_strand(2), by_path);
  for (const char* key : {"a", "b", "a"}) add(strands, "1", key);
  const auto batch = strands.take_next();
  EXPECT_EQ(body(batch), "[1,1]");
  EXPECT_EQ(batch->route.path, "/users/a");
  pass(strands, kLinger);
  EXPECT_EQ(strands.take_next()->route.path, "/users/b");
}

TEST_F(StrandsOrderTest, KeysDivideAGroupToo) {
  const auto keys = keys_of_different_strands(2);
  auto by_tenant = router("/events", {}, {"{header:tenant}"});
  auto strands = make(by_key(2, 1), by_tenant);
  for (const char* tenant : {"x", "y"}) {
    for (const auto& key : keys) {
      add(strands, test::TestRecord{0, "1", key, {{"tenant", tenant}}, -1});
    }
  }
  EXPECT_EQ(strands.open_strands(), 4U);
}

TEST_F(StrandsOrderTest, AStrandOfAGroupGoesWhenItIsEmpty) {
  auto by_tenant = router("/events", {}, {"{/t}"});
  auto strands = make(one_strand(1, 100'000), by_tenant);
  add(strands, of_tenant(1));
  add(strands, of_tenant(1));
  auto batch = strands.take_next();
  strands.finished(*batch);
  EXPECT_EQ(strands.open_strands(), 1U);
  batch = strands.take_next();
  EXPECT_EQ(strands.open_strands(), 1U) << "one is under way";
  strands.finished(*batch);
  EXPECT_EQ(strands.open_strands(), 0U);
  add(strands, of_tenant(1));
  EXPECT_EQ(take(strands), "[" + of_tenant(1) + "]") << "and comes again";
}

TEST_F(StrandsOrderTest, ARejectedRecordOpensNoGroup) {
  auto by_key = router("/{key}");
  auto strands = make(one_strand(1), by_key);
  EXPECT_TRUE(std::holds_alternative<codec::Rejection>(add(strands, "{oops", "a")));
  EXPECT_TRUE(std::holds_alternative<codec::Rejection>(add(strands, "1")));
  EXPECT_EQ(strands.open_strands(), 0U);
}

TEST_F(StrandsOrderTest, OneGroupMoreThanAThousandSendsTheOldestAtOnce) {
  auto by_tenant = router("/events", {}, {"{/t}"});
  auto strands = make(one_strand(10, 100'000), by_tenant);
  for (int tenant = 0; tenant < 1000; ++tenant) {
    add(strands, of_tenant(tenant));
    clock_.advance(std::chrono::microseconds(1));
  }
  add(strands, of_tenant(999));
  EXPECT_EQ(strands.closed(), 0U);
  add(strands, of_tenant(1000));
  const auto batch = strands.take_next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->closed_by, CloseReason::route);
  EXPECT_EQ(batch->route.group, std::vector<std::string>{"0"});
  EXPECT_EQ(strands.closed(), 0U);
}

TEST_F(StrandsOrderTest, HeadersThatDifferCloseTheBatchAndMakeNoStrand) {
  auto by_header = router("/events", {"{header:region}"});
  auto strands = make(one_strand(10), by_header);
  for (const char* region : {"eu", "eu", "us", "eu"}) {
    add(strands, test::TestRecord{0, "1", {}, {{"region", region}}, -1});
  }
  EXPECT_EQ(strands.open_strands(), 1U);
  const auto first = strands.take_next();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->closed_by, CloseReason::route);
  EXPECT_EQ(first->route.headers, std::vector<std::string>{"eu"});
  EXPECT_EQ(first->size(), 2U);
  EXPECT_EQ(strands.take_next(), nullptr) << "in order, though the next goes elsewhere";
  strands.finished(*first);
  EXPECT_EQ(strands.take_next()->route.headers, std::vector<std::string>{"us"});
}

TEST_F(StrandsOrderTest, RecordsWithoutWhatTheyAreGroupedByAreAGroup) {
  auto by_tenant = router("/events", {}, {"{/t}"});
  auto strands = make(one_strand(2), by_tenant);
  add(strands, "1");
  add(strands, of_tenant(1));
  add(strands, "2");
  EXPECT_EQ(take(strands), "[1,2]");
}

}  // namespace
}  // namespace sluice::batch
