#include "simulator/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "samples.h"
#include "support/fake_clock.h"

namespace sluice::simulator {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Headers = std::map<std::string, std::string>;

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    options_.credentials = credentials();
    options_.on_accepted = [this](const EventType& type, std::string_view id) {
      accepted_.push_back(std::string(type.name) + ' ' + std::string(id));
    };
    make();
  }
  void make() {
    auto api = Api::make(options_);
    ASSERT_TRUE(api) << api.error().text();
    api_ = std::move(*api);
  }
  Answer post_with(const Headers& headers, const std::string& body, Fault fault = Fault::none,
                   const std::string& path = "/apigw/ingest/events/deposit") {
    const auto header = [&headers](const std::string& name) {
      const auto found = headers.find(name);
      return found == headers.end() ? std::string() : found->second;
    };
    return api_->post({path, body, header}, fault, clock_.now());
  }
  Answer post(const std::string& body, Fault fault = Fault::none,
              const std::string& path = "/apigw/ingest/events/deposit") {
    return post_with(signed_headers(options_.credentials, body), body, fault, path);
  }

  test::FakeClock clock_;
  Options options_;
  std::unique_ptr<Api> api_;
  std::vector<std::string> accepted_;
};

TEST_F(ApiTest, WhatIsTakenIsCountedAndNamedInTheAnswer) {
  const Answer answer = post(deposits(2));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"2 record(s) taken: deposit","count":2,)"
                         R"("recordIds":["id-0","id-1"]})");
  EXPECT_THAT(accepted_, ElementsAre("deposit id-0", "deposit id-1"));
}

TEST_F(ApiTest, EachTypeHasItsEndpoint) {
  for (const EventType& type : kEventTypes) {
    const std::string path = "/apigw/ingest" + std::string(type.path);
    EXPECT_EQ(post(json_of(sample(type)), Fault::none, path).status, 200) << path;
  }
  EXPECT_EQ(accepted_.size(), kEventTypes.size());
}

TEST_F(ApiTest, ARefusalNamesTheFieldAsTheApiDoes) {
  Fields fields = sample(type_of("/events/deposit"));
  fields.erase("account_id");
  const Answer answer = post('[' + json_of(fields) + ']');
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"error":"Bad Request","message":"Validation failed: account_id is required",)"
            R"("details":{"field":"account_id","issue":"missing required field"}})");
}

TEST_F(ApiTest, NothingOfARefusedBatchIsTaken) {
  std::string body = deposits(3);
  body.insert(body.size() - 1, ",{}");
  EXPECT_EQ(post(body).status, 400);
  EXPECT_THAT(accepted_, IsEmpty());
  EXPECT_EQ(api_->counts().accepted_records, 0U);
}

TEST_F(ApiTest, ChecksTheRouteThenTheSizeThenTheHeadersThenTheBody) {
  const std::string too_large(kMostBytes + 1, 'x');
  EXPECT_EQ(post_with({}, too_large, Fault::none, "/apigw/ingest/events/nothing").status, 404);
  EXPECT_EQ(post_with({}, too_large, Fault::none, "/events/deposit").status, 404);
  EXPECT_EQ(post_with({}, too_large).status, 413);
  EXPECT_EQ(post_with({}, "not JSON").status, 401);
  EXPECT_EQ(post("not JSON").status, 400);
  EXPECT_EQ(post(std::string(kMostBytes, ' ')).status, 400) << "large, but not too large";
}

TEST_F(ApiTest, ACompressedBodyIsRefused) {
  const std::string body = deposits(1);
  Headers headers = signed_headers(options_.credentials, body);
  headers["content-encoding"] = "gzip";
  EXPECT_EQ(post_with(headers, body).status, 415);
}

TEST_F(ApiTest, EachHeaderMustBeThereAndRight) {
  const std::string body = deposits(1);
  const Headers right = signed_headers(options_.credentials, body);
  ASSERT_EQ(right.size(), 5U);
  for (const auto& [name, value] : right) {
    Headers headers = right;
    headers.erase(name);
    EXPECT_EQ(post_with(headers, body).status, 401) << name;
    headers[name] = value + 'x';
    EXPECT_EQ(post_with(headers, body).status, 401) << name;
    headers[name] = value;
    headers[name].back() = static_cast<char>(value.back() ^ 1);
    const Answer answer = post_with(headers, body);
    EXPECT_EQ(answer.status, 401) << name;
    EXPECT_THAT(answer.body, HasSubstr('"' + name + '"'));
  }
  EXPECT_EQ(api_->counts().unauthorized, 15U);
}

TEST_F(ApiTest, ASignatureOfOtherBytesIsRefused) {
  const Headers headers = signed_headers(options_.credentials, deposits(1));
  EXPECT_EQ(post_with(headers, deposits(1) + ' ').status, 401);
}

TEST_F(ApiTest, AnExpiredTokenIsForbidden) {
  const std::string body = deposits(1);
  Headers headers = signed_headers(options_.credentials, body);
  headers["x-optikpi-token"] = "expired";
  EXPECT_EQ(post_with(headers, body).status, 403);
}

TEST_F(ApiTest, CredentialsThatNoHeaderCanCarryAreRefusedAtTheStart) {
  options_.credentials.token = config::Secret("two\nlines");
  EXPECT_FALSE(Api::make(options_));
}

TEST_F(ApiTest, EverySignatureOfTheVendorPasses) {
  std::ifstream file(SLUICE_SOURCE_DIR "/tests/golden/signature-vectors.json");
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document document;
  document.ParseStream(stream);
  int tried = 0;
  for (const auto& vector : document["vectors"].GetArray()) {
    if (!vector.HasMember("body")) continue;
    ++tried;
    options_.credentials.token = config::Secret(vector["auth_token"].GetString());
    options_.credentials.account_id = vector["account_id"].GetString();
    options_.credentials.workspace_id = vector["workspace_id"].GetString();
    make();
    const std::string body = vector["body"].GetString();
    Headers headers{{"x-optikpi-token", vector["auth_token"].GetString()},
                    {"x-optikpi-account-id", vector["account_id"].GetString()},
                    {"x-optikpi-workspace-id", vector["workspace_id"].GetString()},
                    {"x-hmac-signature", vector["signature"].GetString()},
                    {"x-hmac-algorithm", "sha256"}};
    EXPECT_NE(post_with(headers, body).status, 401) << body;
    headers["x-hmac-signature"].back() = 'g';
    EXPECT_EQ(post_with(headers, body).status, 401) << body;
  }
  EXPECT_GE(tried, 15);
}

TEST_F(ApiTest, EachEndpointHasItsOwnRate) {
  options_.requests_per_second = 3;
  make();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post(deposits(1)).status, 200);
  const Answer answer = post(deposits(1));
  EXPECT_EQ(answer.status, 429);
  EXPECT_TRUE(answer.retry_after);
  const EventType& withdraw = type_of("/events/withdraw");
  EXPECT_EQ(post(json_of(sample(withdraw)), Fault::none, "/apigw/ingest/events/withdraw").status,
            200);
  clock_.advance(milliseconds(1000));
  EXPECT_EQ(post(deposits(1)).status, 200);
  EXPECT_EQ(api_->counts().throttled, 1U);
}

TEST_F(ApiTest, AnOutageIsTheGatewaysPageAndNoRetryAfter) {
  const Answer answer = post(deposits(1), Fault::outage);
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, StartsWith("<html>"));
  EXPECT_STREQ(answer.content_type, "text/html");
  EXPECT_FALSE(answer.retry_after);
  EXPECT_THAT(accepted_, IsEmpty());
  EXPECT_EQ(api_->counts().failed, 1U);
}

TEST_F(ApiTest, AThrottledEndpointTakesTwoRequestsASecond) {
  EXPECT_EQ(post(deposits(1), Fault::throttle).status, 200);
  EXPECT_EQ(post(deposits(1), Fault::throttle).status, 200);
  EXPECT_EQ(post(deposits(1), Fault::throttle).status, 429);
  clock_.advance(milliseconds(1000));
  EXPECT_EQ(post(deposits(1), Fault::throttle).status, 200);
}

TEST_F(ApiTest, PoisonIsRefusedAgainAndAgainAndTheRestIsTaken) {
  const EventType& type = type_of("/events/deposit");
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string id = "id-" + std::to_string(i);
    const int status = post(json_of(sample(type, id)), Fault::poison).status;
    EXPECT_EQ(status, is_poison(id) ? 400 : 200);
    refused += status == 400 ? 1 : 0;
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(post(deposits(300), Fault::poison).status, 400);
  EXPECT_EQ(post(deposits(300)).status, 200) << "healed";
}

TEST_F(ApiTest, UnauthorizedRefusesTheRightSignature) {
  EXPECT_EQ(post(deposits(1), Fault::unauthorized).status, 401);
  EXPECT_THAT(accepted_, IsEmpty());
}

TEST_F(ApiTest, TheReportCountsEachEndpointApartAndAllTogether) {
  post(deposits(3));
  post("[]");
  api_->count("/apigw/ingest/customers", 413);
  post_with({}, "", Fault::none, "/elsewhere");
  rapidjson::Document report;
  report.Parse(api_->to_json(Fault::slow).c_str());
  EXPECT_STREQ(report["fault"].GetString(), "slow");
  EXPECT_EQ(report["counts"]["requests"].GetUint(), 4U);
  EXPECT_EQ(report["counts"]["refused_requests"].GetUint(), 3U);
  EXPECT_EQ(report["counts"]["accepted_records"].GetUint(), 3U);
  EXPECT_EQ(report["endpoints"]["deposit"]["requests"].GetUint(), 2U);
  EXPECT_EQ(report["endpoints"]["customers"]["refused_requests"].GetUint(), 1U);
  EXPECT_EQ(report["endpoints"]["withdraw"]["requests"].GetUint(), 0U);
}

}  // namespace
}  // namespace sluice::simulator
