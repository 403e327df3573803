#include "deliver/request_id.h"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

http::Answer with(std::vector<http::Header> headers) { return {200, std::move(headers), {}}; }

TEST(RequestIdTest, IsReadFromEveryHeaderInUse) {
  for (const char* name :
       {"x-request-id", "x-amzn-requestid", "x-amz-request-id", "x-correlation-id", "request-id",
        "x-ms-request-id", "cf-ray", "x-amzn-trace-id", "apigw-requestid"}) {
    EXPECT_EQ(request_id_of(with({{"date", "today"}, {name, "7f-1"}}), {}), "7f-1") << name;
  }
}

TEST(RequestIdTest, TheApisOwnComesBeforeThatOfWhatStandsInFront) {
  EXPECT_EQ(request_id_of(with({{"cf-ray", "front"}, {"x-request-id", "api"}}), {}), "api");
}

TEST(RequestIdTest, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(request_id_of(with({}), {}), "");
  EXPECT_EQ(request_id_of(with({{"x-request-idea", "7"}, {"x-request-id", ""}}), {}), "");
}

TEST(RequestIdTest, ThatOfAHostileApiSpoilsNoLog) {
  EXPECT_EQ(request_id_of(with({{"x-request-id", "a\x1b[31m"}}), {}), "");
  EXPECT_EQ(request_id_of(with({{"x-request-id", "caf\xc3\xa9"}}), {}), "");
  EXPECT_EQ(request_id_of(with({{"x-request-id", std::string(129, 'a')}}), {}), "");
  EXPECT_EQ(request_id_of(with({{"x-request-id", std::string(128, '~')}}), {}),
            std::string(128, '~'));
}

TEST(RequestIdTest, IsNoSecretThatWasSent) {
  EXPECT_EQ(request_id_of(with({{"x-request-id", "for t0ken-1"}}), {"t0ken-1"}), "for [redacted]");
}

}  // namespace
}  // namespace sluice::deliver
