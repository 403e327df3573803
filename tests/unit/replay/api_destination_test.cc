#include "replay/api_destination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "support/scripted_server.h"
#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

using test::Fault;
using test::Reply;
using test::SeenRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

LetterRecord record_of(std::int64_t offset, const std::string& value = R"({"a":1})") {
  LetterRecord record;
  record.letter.topic = "events";
  record.letter.offset = offset;
  record.key = "k/" + std::to_string(offset);
  record.value = value;
  return record;
}

class ApiDestinationTest : public testing::Test {
 protected:
  ApiDestinationTest() {
    http::ClientOptions options;
    options.timeout = std::chrono::milliseconds(200);
    http_ = std::move(*http::Client::create(options, real_clock_));
    signer_ = std::move(*auth::make_signer(config::BearerAuth{config::Secret("s3cret")}));
  }

  Result<void> bring(const std::vector<LetterRecord>& letters) {
    ApiOptions options;
    options.method = "POST";
    options.base_url = server_.url();
    options.header_names = {"X-Offset"};
    options.content_type = "application/json";
    options.batch_id_header = "Idempotency-Key";
    options.backoff = {std::chrono::seconds(1), std::chrono::seconds(1), 2};
    options.attempts = 3;
    options.by_tenant = by_tenant_;
    ApiDestination destination(options,
                               {*http_, signer_of_, rules_, router_, codec_, clock_, random_});
    Pace pace(1'000, clock_, waiting_);
    endings_.assign(letters.size(), {});
    return destination.bring(letters, pace,
                             [this](std::size_t i, Ended ended) { endings_[i] = ended; });
  }
  std::vector<Ending> endings() const {
    std::vector<Ending> all;
    for (const Ended& ended : endings_) all.push_back(ended.ending);
    return all;
  }
  // The first `count` requests get `reply`, later ones 200.
  void answer(Reply reply, int count = 1'000) {
    server_.set_handler([reply = std::move(reply), count](const SeenRequest& request) {
      return request.number < count ? reply : Reply{};
    });
  }

  // The client's own time passes by itself.
  class RealClock final : public Clock {
   public:
    Instant now() const override { return Instant::clock::now(); }
    WallTime wall_now() const override { return WallTime::clock::now(); }
  };

  RealClock real_clock_;
  test::FakeClock clock_;
  FakeWaiting waiting_{clock_};
  SeededRandom random_{1};
  test::ScriptedServer server_{[](const SeenRequest&) { return Reply{}; }};
  std::unique_ptr<http::Client> http_;
  std::unique_ptr<auth::Signer> signer_;
  bool by_tenant_ = false;
  SignerOf signer_of_ = [this](const codec::Route&) { return signer_.get(); };
  deliver::VerdictRules rules_{deliver::VerdictRules::Options{}};
  codec::Router router_{*TextTemplate::parse("/users/{key}"), {*TextTemplate::parse("{offset}")}};
  codec::RecordCodec codec_{1'000, codec::NullPolicy::dead_letter, nullptr};
  std::vector<Ended> endings_;
};

TEST_F(ApiDestinationTest, SendsEachRecordAsItsPipelineDoes) {
  ASSERT_TRUE(bring({record_of(5), record_of(6)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::replayed, Ending::replayed));
  const auto requests = server_.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].path, "/users/k%2F5");
  EXPECT_EQ(requests[0].body, R"([{"a":1}])");
  EXPECT_EQ(*requests[0].header("x-offset"), "5");
  EXPECT_EQ(*requests[0].header("authorization"), "Bearer s3cret");
  EXPECT_EQ(*requests[0].header("content-type"), "application/json");
  EXPECT_NE(*requests[0].header("idempotency-key"), *requests[1].header("idempotency-key"));
}

TEST_F(ApiDestinationTest, TheTraceOfTheRecordGoesAlong) {
  LetterRecord traced = record_of(5);
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  traced.headers = {{"traceparent", parent}};
  ASSERT_TRUE(bring({traced, record_of(6)}).has_value());
  const auto requests = server_.requests();
  ASSERT_THAT(requests, SizeIs(2));
  ASSERT_NE(requests[0].header("traceparent"), nullptr);
  EXPECT_EQ(*requests[0].header("traceparent"), parent);
  EXPECT_EQ(requests[1].header("traceparent"), nullptr);
}

TEST_F(ApiDestinationTest, GoesOnAfterALetterThatIsRefusedOrCannotBeSent) {
  answer({.status = 400}, 1);
  ASSERT_TRUE(bring({record_of(1), record_of(2, "no json"), record_of(3)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::refused, Ending::refused, Ending::replayed));
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_F(ApiDestinationTest, ALetterThatNobodySignsForIsNotSent) {
  signer_of_ = [this](const codec::Route& route) -> Result<const auth::Signer*> {
    if (route.path == "/users/k%2F2") return fail("tenant 2 is not known", "add it");
    return signer_.get();
  };
  ASSERT_TRUE(bring({record_of(1), record_of(2), record_of(3)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::replayed, Ending::refused, Ending::replayed));
  EXPECT_EQ(endings_[1].detail, "tenant 2 is not known; add it");
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_F(ApiDestinationTest, RefusedCredentialsOfATenantAreTriedOnceAndEndNothing) {
  const auto other = *auth::make_signer(config::BearerAuth{config::Secret("another")});
  by_tenant_ = true;
  signer_of_ = [&](const codec::Route& route) -> Result<const auth::Signer*> {
    return route.path == "/users/k%2F2" ? signer_.get() : other.get();
  };
  answer({.status = 401}, 1);
  ASSERT_TRUE(bring({record_of(1), record_of(2), record_of(3)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::refused, Ending::replayed, Ending::refused));
  EXPECT_THAT(endings_[2].detail, HasSubstr("its tenant's credentials were refused"));
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_F(ApiDestinationTest, BelievesTheResultOfTheRecordInTheAnswer) {
  config::Results results;
  results.pointer = "/results";
  results.index = "/index";
  results.status = "/status";
  rules_ = deliver::VerdictRules({.results = results});
  answer({.body = R"({"results":[{"index":0,"status":422}]})"});
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::refused));
}

TEST_F(ApiDestinationTest, WaitsAsLongAsItIsAskedTo) {
  answer({.status = 429, .headers = {{"Retry-After", "7"}}}, 5);
  const Instant start = clock_.now();
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::replayed));
  EXPECT_EQ(clock_.now() - start, std::chrono::seconds(35));
}

TEST_F(ApiDestinationTest, TriesAgainWhatFailed) {
  answer({.status = 500}, 2);
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::replayed));
}

TEST_F(ApiDestinationTest, SignsEachAttemptWithItsOwnTime) {
  config::HmacAuth auth;
  auth.secret = config::Secret("k3y");
  auth.format.string_to_sign =
      config::SignatureTemplate::parse_signed("{method}{path}{id}{timestamp}{body}").value();
  auth.format.timestamp = config::TimestampFormat::milliseconds;
  auth.format.timestamp_header = "X-Time";
  auth.format.id_header = "X-Id";
  signer_ = std::move(*auth::make_signer(auth));
  answer({.status = 500}, 1);
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  const auto requests = server_.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_LT(std::stoll(*requests[0].header("x-time")), std::stoll(*requests[1].header("x-time")));
  EXPECT_EQ(*requests[0].header("x-id"), *requests[0].header("idempotency-key"));
  for (const SeenRequest& request : requests) {
    auth::Outgoing expected = auth::outgoing_to("http://api/users/k%2F1");
    expected.method = "POST";
    expected.body = request.body;
    expected.id = *request.header("x-id");
    expected.now = WallTime(std::chrono::milliseconds(std::stoll(*request.header("x-time"))));
    auth::Signed out;
    signer_->sign(expected, out);
    EXPECT_EQ(*request.header("x-signature"), out.headers.back().value);
  }
}

TEST_F(ApiDestinationTest, StopsAfterThreeLettersInARowThatUsedUpTheirAttempts) {
  answer({.status = 500});
  const auto brought = bring({record_of(1), record_of(2), record_of(3), record_of(4)});
  EXPECT_THAT(endings(),
              ElementsAre(Ending::refused, Ending::refused, Ending::refused, Ending::left));
  EXPECT_EQ(server_.request_count(), 9U);
  ASSERT_FALSE(brought.has_value());
  EXPECT_THAT(brought.error().cause, HasSubstr("500"));
}

TEST_F(ApiDestinationTest, StopsAtOnceWhereItsCredentialsAreRefused) {
  answer({.status = 401});
  const auto brought = bring({record_of(1), record_of(2)});
  EXPECT_FALSE(brought.has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::refused, Ending::left));
  EXPECT_EQ(server_.request_count(), 1U);
}

TEST_F(ApiDestinationTest, IsUncertainWhereNoAnswerCame) {
  answer({.fault = Fault::close_after_request});
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::uncertain));
}

TEST_F(ApiDestinationTest, IsUncertainWhereAnAnswerMeansNeitherYesNorNo) {
  rules_ = deliver::VerdictRules({.success = {{200, 200}}});
  answer({.status = 201});
  EXPECT_FALSE(bring({record_of(1)}).has_value()) << "the configuration is not of this API";
  EXPECT_THAT(endings(), ElementsAre(Ending::uncertain));
}

TEST_F(ApiDestinationTest, StaysUncertainWhereALaterAttemptIsRefused) {
  server_.set_handler([](const SeenRequest& request) {
    return request.number == 0 ? Reply{.status = 504} : Reply{.status = 400};
  });
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::uncertain));
}

TEST_F(ApiDestinationTest, IsSureThatNothingArrivedWhereNobodyListens) {
  server_.stop();
  ASSERT_TRUE(bring({record_of(1)}).has_value());
  EXPECT_THAT(endings(), ElementsAre(Ending::refused));
}

TEST_F(ApiDestinationTest, StopsInsteadOfWaiting) {
  answer({.status = 429, .headers = {{"Retry-After", "60"}}});
  waiting_.stop_at = clock_.now() + std::chrono::seconds(30);
  const auto brought = bring({record_of(1), record_of(2)});
  ASSERT_FALSE(brought.has_value());
  EXPECT_EQ(brought.error().cause, "interrupted");
  EXPECT_THAT(endings(), ElementsAre(Ending::refused, Ending::left));
}

}  // namespace
}  // namespace sluice::replay
