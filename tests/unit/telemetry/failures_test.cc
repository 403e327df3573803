#include "telemetry/failures.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace sluice::telemetry {
namespace {

class FailuresTest : public testing::Test {
 protected:
  void add(const std::string& detail, std::int64_t offset) {
    failures_.add({.time = clock_.wall_now(),
                   .pipeline = "p",
                   .first_offset = offset,
                   .verdict = Verdict::retry,
                   .status = 503,
                   .detail = detail});
    clock_.advance(std::chrono::seconds(1));
  }

  test::FakeClock clock_;
  Failures failures_;
};

TEST_F(FailuresTest, TheNewestComesFirst) {
  add("a", 1);
  add("b", 2);
  const auto list = failures_.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].detail, "b");
  EXPECT_EQ(list[1].detail, "a");
}

TEST_F(FailuresTest, EqualOnesAreOneWithACountAndTheRestOfTheLast) {
  add("a", 1);
  add("b", 2);
  const WallTime last = clock_.wall_now();
  add("a", 3);
  const auto list = failures_.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].detail, "a");
  EXPECT_EQ(list[0].count, 2U);
  EXPECT_EQ(list[0].first_offset, 3);
  EXPECT_EQ(list[0].time, last);
}

TEST_F(FailuresTest, AnotherPipelineVerdictOrStatusIsAnotherKind) {
  Failure failure{.pipeline = "p", .verdict = Verdict::retry, .status = 500, .detail = "x"};
  failures_.add(failure);
  failure.status = 502;
  failures_.add(failure);
  failure.verdict = Verdict::rejected;
  failures_.add(failure);
  failure.pipeline = "q";
  failures_.add(failure);
  EXPECT_EQ(failures_.list().size(), 4U);
}

TEST_F(FailuresTest, OfManyKindsTheLastAreKept) {
  for (int i = 0; i < 1000; ++i) add(std::to_string(i), i);
  const auto list = failures_.list();
  ASSERT_EQ(list.size(), Failures::kMost);
  EXPECT_EQ(list[0].detail, "999");
}

}  // namespace
}  // namespace sluice::telemetry
