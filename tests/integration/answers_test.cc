// Answers that are not what anybody promised: too many requests in every form, and bodies that
// cannot be read. Nothing is set aside for them, and nothing is committed that was not taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <functional>
#include <ostream>
#include <string>

#include "integration/verdicts.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

using Ids = std::vector<std::string>;

constexpr char kFewAttempts[] =
    "batch: {max_records: 20}, retry: {initial: 50ms, max: 200ms, attempts: 2}";

std::string http_date(seconds from_now) {
  const std::time_t when =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::string text(64, ' ');
  text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text;
}

struct TooMany {
  const char* name;
  int status;
  std::function<HttpHeaders()> headers;
  std::size_t most;  // requests in five seconds of it
};
void PrintTo(const TooMany& form, std::ostream* out) { *out << form.name; }

class Throttled : public VerdictsTest, public testing::WithParamInterface<TooMany> {};

TEST_P(Throttled, WaitsAsLongAsItIsToldSpendsNoAttemptAndFlowsAgain) {
  make_topic(std::string("answers-") + GetParam().name, 100);
  api_.answer_with([](const SeenRequest&, const Ids&) {
    return Reply{.status = GetParam().status, .headers = GetParam().headers()};
  });
  SluiceProcess sluice(config(kFewAttempts));
  ASSERT_TRUE(api_.server().wait_for_requests(1, seconds(30))) << sluice.log();
  const auto began = steady_clock::now();
  expect_parked(sluice, "throttled", "status " + std::to_string(GetParam().status));
  ASSERT_TRUE(eventually([&] { return steady_clock::now() - began > seconds(5); }, seconds(10)));
  EXPECT_LE(api_.server().request_count(), GetParam().most);
  EXPECT_GE(api_.server().request_count(), 2U) << "it never asks again";
  EXPECT_THAT(letters(), IsEmpty());
  expect_healed(sluice);
}

HttpHeaders retry_after(const std::string& value) { return {{"Retry-After", value}}; }

INSTANTIATE_TEST_SUITE_P(
    Of, Throttled,
    testing::Values(TooMany{"seconds", 429, [] { return retry_after("2"); }, 4},
                    TooMany{"date", 429, [] { return retry_after(http_date(seconds(3))); }, 4},
                    // As often as it thinks right by itself.
                    TooMany{"absent", 429, [] { return HttpHeaders(); }, 12},
                    TooMany{"negative", 429, [] { return retry_after("-7"); }, 12},
                    TooMany{"unavailable", 503, [] { return retry_after("2"); }, 4}),
    [](const auto& form) { return std::string(form.param.name); });

TEST_F(VerdictsTest, AnAbsurdRetryAfterHoldsAnHourAtMostAndARestartForgetsIt) {
  make_topic("answers-absurd", 100);
  api_.answer_with(
      RecordingApi::always({.status = 429, .headers = retry_after("99999999999999999999")}));
  {
    SluiceProcess sluice(config(kFewAttempts));
    expect_parked(sluice, "throttled", "status 429");
    const auto throttled =
        sum_of(sluice, "sluice_target_throttled_seconds_total", {R"(target="api")"});
    EXPECT_GT(throttled, 3'500);
    EXPECT_LE(throttled, 3'601);
    EXPECT_EQ(api_.server().request_count(), 1U);
    sluice.signal(SIGTERM);
    const auto status = sluice.wait(seconds(20));
    ASSERT_TRUE(status) << sluice.log();
    EXPECT_EQ(status->code, 0);
    EXPECT_EQ(api_.server().request_count(), 1U);
  }
  api_.answer_with(RecordingApi::take_all());
  SluiceProcess again(config(kFewAttempts));
  expect_healed(again);
}

struct Odd {
  const char* name;
  std::string body;
};
void PrintTo(const Odd& odd, std::ostream* out) { *out << odd.name; }

class OddAnswer : public VerdictsTest, public testing::WithParamInterface<Odd> {
 protected:
  void expect_parks_and_heals(const std::string& name, const std::string& key,
                              const std::string& detail, const std::string& good) {
    make_topic("answers-" + name + "-" + GetParam().name, 100);
    api_.answer_with(RecordingApi::always(RecordingApi::taking_none(200, GetParam().body)));
    SluiceProcess sluice(config(kFewAttempts + (", " + key)));
    expect_parked(sluice, "misconfigured", detail);
    // The breaker's probes, and no more.
    ASSERT_TRUE(api_.server().wait_for_requests(3, seconds(20)));
    EXPECT_LE(api_.server().request_count(), 20U);
    EXPECT_THAT(letters(), IsEmpty());

    api_.answer_with([good](const SeenRequest&, const Ids& ids) {
      Reply reply{.body = good};
      const std::size_t at = reply.body.find('#');
      if (at != std::string::npos) reply.body.replace(at, 1, std::to_string(ids.size()));
      return reply;
    });
    ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
    EXPECT_EQ(accounts(), Accounts{});
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }
};

TEST_P(OddAnswer, IsASuccessWhereNobodyReadsIt) {
  make_topic(std::string("answers-plain-") + GetParam().name, 100);
  api_.answer_with(RecordingApi::always({.body = GetParam().body}));
  SluiceProcess sluice(config(kFewAttempts));
  ASSERT_TRUE(all_committed()) << sluice.log();
  EXPECT_EQ(accounts(), Accounts{});
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_LE(api_.server().request_count(), 6U);
}

TEST_P(OddAnswer, ParksAndCommitsNothingWhereACountIsExpected) {
  expect_parks_and_heals("expect", "expect: /taken", "200, but /taken is no number",
                         R"({"taken":#})");
}

TEST_P(OddAnswer, ParksAndCommitsNothingWhereResultsAreExpected) {
  expect_parks_and_heals("results", "results: {pointer: /errors, index: /index}",
                         "200, but there is no list at /errors", R"({"errors":[]})");
}

INSTANTIATE_TEST_SUITE_P(
    Of, OddAnswer,
    testing::Values(Odd{"empty", ""},
                    Odd{"html", "<!DOCTYPE html><html><title>Welcome</title></html>"},
                    Odd{"cut", R"({"taken":20,"errors":[)"}, Odd{"text", "OK"}),
    [](const auto& odd) { return std::string(odd.param.name); });

TEST_F(VerdictsTest, ACountThatDiffersParksAndCommitsNothing) {
  make_topic("answers-count", 100);
  api_.answer_with([](const SeenRequest&, const Ids& ids) {
    return RecordingApi::taking_none(200, R"({"taken":)" + std::to_string(ids.size() - 1) + "}");
  });
  SluiceProcess sluice(config("batch: {max_records: 20, linger: 5s}, expect: /taken"));
  expect_parked(sluice, "misconfigured", "/taken is ");
  EXPECT_THAT(sluice.events("request_failed").front(),
              HasSubstr("status 200, but /taken is 19 for 20 records sent"));
  EXPECT_LE(api_.server().request_count(), 20U);
  api_.answer_with([](const SeenRequest&, const Ids& ids) {
    return Reply{.body = R"({"taken":)" + std::to_string(ids.size()) + "}"};
  });
  ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
  EXPECT_EQ(accounts(), Accounts{});
}

TEST_F(VerdictsTest, AnEndlessAnswerIsReadNoFurtherThanMaxResponse) {
  make_topic("answers-endless", 100);
  api_.answer_with(RecordingApi::always({.fault = Fault::huge_body}));
  SluiceProcess sluice(config(kFewAttempts));
  expect_parked(sluice, "breaker_open", "raise max_response");
  EXPECT_LE(api_.server().request_count(), 20U);
  expect_healed(sluice);
  sluice.signal(SIGTERM);
  const auto status = sluice.wait(seconds(20));
  ASSERT_TRUE(status) << sluice.log();
  EXPECT_EQ(status->code, 0);
  EXPECT_LT(status->peak_rss_bytes, 150U << 20);
}

TEST_F(VerdictsTest, ARefusalWithALongPageIsKeptByItsBeginning) {
  make_topic("answers-page", 10);
  api_.answer_with([bad = id(4)](const SeenRequest&, const Ids& ids) {
    return holds(ids, bad) ? Reply{.status = 422, .body = "<html>" + std::string(900'000, '.')}
                           : Reply{};
  });
  SluiceProcess sluice(config("batch: {max_records: 10, linger: 5s}"));
  ASSERT_TRUE(all_committed()) << sluice.log();
  EXPECT_EQ(accounts(), dead({id(4)}));
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(header_of(letters()[0], "sluice.response"), "<html>" + std::string(1024 - 6, '.'));
}

}  // namespace
}  // namespace sluice::test
