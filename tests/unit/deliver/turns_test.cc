#include "deliver/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::deliver {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr Turns::Stage kHere = 3;

class TurnsTest : public testing::Test {
 protected:
  // Members 1, 2, 3...: one for each weight, in a pipeline of its own.
  void make(std::initializer_list<double> weights) {
    for (const double weight : weights) turns_.join(++last_, turns_.add_pipeline(weight));
  }
  void wait(Turns::MemberId member) { turns_.wait(member, kHere, member, {1, 1}, clock_.now()); }
  Turns::MemberId next() { return turns_.first(kHere, 1, clock_.now()).at(0); }
  std::size_t ahead_of(Turns::MemberId member) const {
    return turns_.ahead_of(member, kHere, clock_.now()).requests;
  }

  test::FakeClock clock_;
  Turns turns_;
  Turns::MemberId last_ = 0;
};

TEST_F(TurnsTest, WhereOneCanGoAtATimeTurnsFollowTheWeights) {
  make({3, 1});
  std::map<Turns::MemberId, int> went;
  for (int i = 0; i < 400; ++i) {
    wait(1);
    wait(2);
    const auto member = next();
    turns_.went(member);
    turns_.returned(member);
    ++went[member];
  }
  EXPECT_EQ(went[1], 300);
  EXPECT_EQ(went[2], 100);
}

TEST_F(TurnsTest, WhereSeveralCanGoThoseUnderWayFollowTheWeights) {
  make({3, 1});
  std::map<Turns::MemberId, int> under_way;
  for (int i = 0; i < 8; ++i) {
    wait(1);
    wait(2);
    ++under_way[next()];
    turns_.went(next());
  }
  EXPECT_EQ(under_way[1], 6);
  EXPECT_EQ(under_way[2], 2) << "however long its answers take";
}

TEST_F(TurnsTest, WorkersOfAPipelineTakeTurnsAndShareItsWeight) {
  make({1, 1});
  turns_.join(3, 0);
  turns_.join(4, 0);
  std::map<Turns::MemberId, int> went;
  for (int i = 0; i < 600; ++i) {
    for (Turns::MemberId member = 1; member <= 4; ++member) wait(member);
    const auto member = next();
    turns_.went(member);
    turns_.returned(member);
    ++went[member];
  }
  EXPECT_EQ(went[2], 300);
  EXPECT_EQ(went[1], 100);
  EXPECT_EQ(went[3], 100);
  EXPECT_EQ(went[4], 100);
}

TEST_F(TurnsTest, WhoHadNothingToSendHasSavedNoTurns) {
  make({1, 1});
  for (int i = 0; i < 1000; ++i) {
    turns_.went(1);
    turns_.returned(1);
  }
  int in_a_row = 0;
  for (int i = 0; i < 10; ++i) {
    wait(1);
    wait(2);
    const auto member = next();
    in_a_row = member == 2 ? in_a_row + 1 : 0;
    EXPECT_LE(in_a_row, 2);
    turns_.went(member);
    turns_.returned(member);
  }
}

TEST_F(TurnsTest, WhatThoseAheadNeedIsKept) {
  make({1, 1, 1});
  turns_.went(3);
  turns_.wait(1, kHere, 11, {10, 100}, clock_.now());
  turns_.wait(2, kHere, 12, {20, 200}, clock_.now());
  const Demand ahead = turns_.ahead_of(3, kHere, clock_.now());
  EXPECT_EQ(ahead.requests, 2U);
  EXPECT_EQ(ahead.size.records, 30U);
  EXPECT_EQ(ahead.size.bytes, 300U);
  EXPECT_EQ(ahead_of(1), 0U);
  EXPECT_EQ(turns_.ahead_of(3, kHere + 1, clock_.now()).requests, 0U) << "they wait elsewhere";
  EXPECT_EQ(turns_.waiting(clock_.now()), 2U);
}

TEST_F(TurnsTest, WhoDoesNotComeIsForgotten) {
  make({1, 1, 1});
  turns_.went(3);
  wait(1);
  wait(2);
  turns_.forget(1, 99);
  EXPECT_EQ(ahead_of(3), 2U) << "another lane of its";
  turns_.forget(1, 1);
  EXPECT_EQ(ahead_of(3), 1U);
  clock_.advance(seconds(2));
  EXPECT_EQ(ahead_of(3), 0U);
  EXPECT_TRUE(turns_.first(kHere, 3, clock_.now()).empty());
}

TEST_F(TurnsTest, KnowsWhichPipelinesHaveNothingUnderWay) {
  make({1, 1, 1});
  turns_.set_active(1, true);
  turns_.set_active(2, true);
  EXPECT_EQ(turns_.active_pipelines(), 2U);
  EXPECT_EQ(turns_.idle_besides(1), 1U);
  turns_.went(2);
  EXPECT_EQ(turns_.idle_besides(1), 0U);
  EXPECT_EQ(turns_.idle_besides(2), 1U);
  EXPECT_EQ(turns_.in_flight_of_pipeline_of(2), 1U);
  turns_.returned(2);
  turns_.leave(1);
  EXPECT_EQ(turns_.active_pipelines(), 1U);
}

}  // namespace
}  // namespace sluice::deliver
