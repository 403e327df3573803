#include "check/rate_limit_check.h"

#include <gmock/gmock.h>

#include "unit/check/findings.h"

namespace sluice::check {
namespace {

using config::RateLimit;
using config::RateUnit;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// Pipeline "p" of group "g" and pipeline "q" of group "h", to /p and /q of target "api".
class RateLimitCheckTest : public testing::Test {
 protected:
  RateLimitCheckTest() {
    for (const std::string name : {"p", "q"}) {
      config::Pipeline pipeline;
      pipeline.name = name;
      pipeline.group = name == "p" ? "g" : "h";
      pipeline.target = "api";
      pipeline.path = "/" + name;
      config_.pipelines.push_back(pipeline);
    }
    config_.targets["api"].name = "api";
  }

  static RateLimit limit(RateUnit unit, std::uint64_t most) {
    RateLimit out;
    out.unit = unit;
    out.limit = most;
    out.per = std::chrono::seconds(1);
    return out;
  }

  static RateLimit group_limit(RateUnit unit, std::uint64_t most) {
    RateLimit out = limit(unit, most);
    out.share_by_group = true;
    out.path = "/p";
    return out;
  }

  std::vector<std::string> check(const RateLimit& limit, std::int32_t partitions) {
    config_.targets["api"].rate_limit = {limit};
    PartitionMap map;
    for (std::int32_t i = 0; i < partitions; ++i) map["p"].push_back({"t", i});
    Findings findings;
    check_rate_limits(config_, map, findings.report());
    return findings.lines();
  }

  config::Config config_;
};

TEST_F(RateLimitCheckTest, SaysNothingWhereThereIsNoLimit) {
  Findings findings;
  check_rate_limits(config_, {}, findings.report());
  EXPECT_THAT(findings.lines(), IsEmpty());
}

TEST_F(RateLimitCheckTest, SaysWhatEachUnitLetsThrough) {
  EXPECT_THAT(check(limit(RateUnit::requests, 1000), 3),
              ElementsAre("ok targets.api.rate_limit: at most 900 requests per 1s, which can carry "
                          "450000 records"));
  EXPECT_THAT(check(limit(RateUnit::records, 1000), 3),
              ElementsAre("ok targets.api.rate_limit: at most 900 records per 1s"));
  EXPECT_THAT(check(limit(RateUnit::bytes, 20 * config::kMiB), 3),
              ElementsAre("ok targets.api.rate_limit: at most 18MiB per 1s"));
}

TEST_F(RateLimitCheckTest, CountsTheRecordsOfThePipelinesOfItsPath) {
  config_.pipelines[0].batch.max_records = 10;
  auto of_path = limit(RateUnit::requests, 100);
  of_path.path = "/p";
  EXPECT_THAT(check(of_path, 3),
              ElementsAre("ok targets.api.rate_limit: at most 90 requests per 1s to /p, which can "
                          "carry 900 records"));
}

TEST_F(RateLimitCheckTest, SaysThePartOfThisProcess) {
  auto half = limit(RateUnit::records, 1000);
  half.share = 0.5;
  EXPECT_THAT(check(half, 3), ElementsAre("ok targets.api.rate_limit: at most 450 records per 1s"));
}

TEST_F(RateLimitCheckTest, OneRequestIsAlwaysLetThrough) {
  EXPECT_THAT(check(limit(RateUnit::requests, 1), 3),
              ElementsAre(StartsWith("ok targets.api.rate_limit: at most 1 request per 1s")));
}

TEST_F(RateLimitCheckTest, HoldsWhereEachPartitionHasARequestOfTheGroupsLimit) {
  EXPECT_THAT(check(group_limit(RateUnit::requests, 10), 9),
              ElementsAre("ok targets.api.rate_limit: at most 9 requests per 1s to /p, which can "
                          "carry 4500 records, divided among the replicas of group g"));
}

TEST_F(RateLimitCheckTest, FailsWhereAPartitionWouldHaveLessThanARequest) {
  EXPECT_THAT(
      check(group_limit(RateUnit::requests, 10), 10),
      ElementsAre("FAIL targets.api.rate_limit: at most 9 requests per 1s is less than a request "
                  "for each of the 10 partitions of p: a replica with one of them could not send; "
                  "raise targets.api.rate_limit, or write the part of this process, such as share: "
                  "0.5"));
  EXPECT_THAT(check(group_limit(RateUnit::records, 10), 10), ElementsAre(StartsWith("FAIL")));
  EXPECT_THAT(check(limit(RateUnit::requests, 10), 10), ElementsAre(StartsWith("ok")))
      << "it is not divided";
}

TEST_F(RateLimitCheckTest, FailsWhereAPartitionsBytesDoNotHoldItsLargestRecord) {
  config_.pipelines[0].max_record_bytes = config::kKiB;
  auto bytes = group_limit(RateUnit::bytes, 2 * (config::kKiB + 2));
  bytes.safety = 1;
  EXPECT_THAT(check(bytes, 2), ElementsAre(StartsWith("ok")));
  bytes.limit -= 1;
  EXPECT_THAT(check(bytes, 2),
              ElementsAre(StartsWith("FAIL targets.api.rate_limit: at most 2KiB per 1s is less "
                                     "than a record of max_record_bytes 1KiB for each of the 2 "
                                     "partitions of p: ")));
}

TEST_F(RateLimitCheckTest, JudgesNoShareWhereThePartitionsAreNotKnown) {
  EXPECT_THAT(check(group_limit(RateUnit::requests, 1), 0), ElementsAre(StartsWith("ok")));
}

}  // namespace
}  // namespace sluice::check
