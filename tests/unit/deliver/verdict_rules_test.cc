#include "deliver/verdict_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/deliver/sent_records.h"

namespace sluice::deliver {
namespace {

using std::chrono::seconds;

const WallTime kNow{seconds(1'795'629'600)};

http::Answer answer(int status, std::string body = {}, std::string retry_after = {}) {
  http::Answer made;
  made.status = status;
  made.body = std::move(body);
  if (!retry_after.empty()) made.headers.push_back({"retry-after", std::move(retry_after)});
  return made;
}

VerdictRules rules_with(std::vector<config::StatusRange> success,
                        std::optional<std::string> expect = std::nullopt) {
  VerdictRules::Options options;
  options.success = std::move(success);
  options.expect = std::move(expect);
  return VerdictRules(options);
}

VerdictRules templated_rules() {
  VerdictRules::Options options;
  options.templated_path = true;
  return VerdictRules(options);
}

VerdictRules rules_with_results(std::optional<std::string> expect = std::nullopt) {
  VerdictRules::Options options;
  options.expect = std::move(expect);
  options.results.emplace();
  options.results->pointer = "/errors";
  options.results->index = "/index";
  options.results->status = "/status";
  return VerdictRules(options);
}

VerdictRules rules_overriding(std::vector<config::VerdictOverride> overrides) {
  VerdictRules::Options options;
  options.success = {{200, 200}};
  options.expect = "/count";
  options.overrides = std::move(overrides);
  return VerdictRules(options);
}

config::VerdictOverride of_status(int status, Verdict verdict) {
  config::VerdictOverride rule;
  rule.statuses = {{status, status}};
  rule.verdict = verdict;
  return rule;
}

Judgement judge(const VerdictRules& rules, const http::Answer& answer, std::size_t records = 3) {
  const SentRecords sent(records);
  return rules.judge(answer, sent.all(), kNow);
}

Verdict verdict(const VerdictRules& rules, const http::Answer& answer) {
  return judge(rules, answer).verdict;
}

struct Row {
  int status;
  Verdict verdict;
};

class VerdictTable : public testing::TestWithParam<Row> {};

TEST_P(VerdictTable, GivesEachStatusItsMeaning) {
  const VerdictRules rules = rules_with({{200, 200}});
  EXPECT_EQ(verdict(rules, answer(GetParam().status)), GetParam().verdict) << GetParam().status;
}

INSTANTIATE_TEST_SUITE_P(
    Design, VerdictTable,
    testing::Values(Row{200, Verdict::delivered}, Row{201, Verdict::misconfigured},
                    Row{204, Verdict::misconfigured}, Row{207, Verdict::misconfigured},
                    Row{301, Verdict::misconfigured}, Row{302, Verdict::misconfigured},
                    Row{307, Verdict::misconfigured}, Row{400, Verdict::rejected},
                    Row{401, Verdict::unauthorized}, Row{402, Verdict::rejected},
                    Row{403, Verdict::unauthorized}, Row{404, Verdict::misconfigured},
                    Row{405, Verdict::misconfigured}, Row{408, Verdict::retry},
                    Row{409, Verdict::rejected}, Row{410, Verdict::misconfigured},
                    Row{413, Verdict::split}, Row{414, Verdict::rejected},
                    Row{415, Verdict::misconfigured}, Row{422, Verdict::rejected},
                    Row{425, Verdict::retry}, Row{429, Verdict::throttled},
                    Row{500, Verdict::retry}, Row{501, Verdict::retry}, Row{502, Verdict::retry},
                    Row{503, Verdict::retry}, Row{504, Verdict::retry}, Row{599, Verdict::retry},
                    Row{101, Verdict::retry}, Row{999, Verdict::retry}));

TEST(VerdictRulesTest, TakesEverySuccessThatIsConfigured) {
  const VerdictRules rules = rules_with({{200, 204}, {409, 409}});
  EXPECT_EQ(verdict(rules, answer(204)), Verdict::delivered);
  EXPECT_EQ(verdict(rules, answer(409)), Verdict::delivered);
  EXPECT_EQ(verdict(rules, answer(205)), Verdict::misconfigured);
}

TEST(VerdictRulesTest, SaysWhatToDoWhereAPersonCanDoSomething) {
  const VerdictRules rules = rules_with({{200, 200}}, "/count");
  const auto words = [&](int status) { return judge(rules, answer(status)).words(); };
  EXPECT_EQ(words(401), "status 401; check the target's auth, and that the API knows it");
  EXPECT_EQ(words(404), "status 404; check base_url, path and method");
  EXPECT_EQ(words(302), "status 302; write into base_url and path where it leads");
  EXPECT_EQ(words(503), "status 503; see to the API");
  EXPECT_EQ(words(429), "status 429");
  const auto why = [&](http::TransportErrorKind kind, const char* detail) {
    return rules.judge(http::TransportError{kind, detail}).words();
  };
  EXPECT_EQ(why(http::TransportErrorKind::tls, "certificate has expired"),
            "tls: certificate has expired; have the certificate renewed");
  EXPECT_EQ(why(http::TransportErrorKind::resolve, "Could not resolve host: x"),
            "resolve: Could not resolve host: x; check the host in base_url, and DNS");
}

TEST(VerdictRulesTest, APathMadeFromTheRecordThatLeadsNowhereIsTheRecordsFault) {
  const VerdictRules rules = templated_rules();
  EXPECT_EQ(verdict(rules, answer(404)), Verdict::rejected);
  EXPECT_EQ(verdict(rules, answer(410)), Verdict::rejected);
  EXPECT_EQ(verdict(rules, answer(405)), Verdict::misconfigured);
}

TEST(VerdictRulesTest, AnOverloadedTargetThatNamesATimeThrottles) {
  const VerdictRules rules = rules_with({{200, 299}});
  const auto named = judge(rules, answer(503, "", "7"));
  EXPECT_EQ(named.verdict, Verdict::throttled);
  EXPECT_EQ(named.retry_after, seconds(7));
  EXPECT_EQ(verdict(rules, answer(503, "", "nonsense")), Verdict::retry);
  EXPECT_EQ(judge(rules, answer(429, "", "-1")).retry_after, std::nullopt);
}

TEST(VerdictRulesTest, A400ThatNamesSizeIsSplit) {
  const VerdictRules rules = rules_with({{200, 299}});
  EXPECT_EQ(verdict(rules, answer(400, "Request body too large")), Verdict::split);
  EXPECT_EQ(verdict(rules, answer(400, R"({"message":"amount is too large"})")), Verdict::rejected);
  EXPECT_EQ(verdict(rules, answer(400, "invalid request: name too long")), Verdict::rejected);
}

TEST(VerdictRulesTest, ACountThatDiffersIsNeverDelivered) {
  const VerdictRules rules = rules_with({{200, 200}}, "/count");
  EXPECT_EQ(verdict(rules, answer(200, R"({"message":"ok","count":3})")), Verdict::delivered);
  for (const char* body : {R"({"count":2})", R"({"count":"3"})", R"({})", "", "<html>3</html>",
                           R"({"count":3.5})", R"([3])"}) {
    const auto judged = judge(rules, answer(200, body));
    EXPECT_EQ(judged.verdict, Verdict::misconfigured) << body;
    EXPECT_NE(judged.detail.find("/count"), std::string::npos) << judged.detail;
  }
}

TEST(VerdictRulesTest, A207IsReadByResultsOrNotAtAll) {
  const auto unread = judge(rules_with({{200, 299}}), answer(207), 3);
  EXPECT_EQ(unread.verdict, Verdict::misconfigured);
  EXPECT_EQ(unread.words(),
            "status 207, but nothing says how to read it; say in results where the outcome of each "
            "record stands, or map 207 to delivered in verdicts");
}

TEST(VerdictRulesTest, AnOverrideComesBeforeAllElseAndIsFinal) {
  const VerdictRules rules =
      rules_overriding({of_status(200, Verdict::rejected), of_status(207, Verdict::delivered),
                        of_status(404, Verdict::retry), of_status(503, Verdict::misconfigured)});
  EXPECT_EQ(verdict(rules, answer(200, R"({"count":3})")), Verdict::rejected);
  EXPECT_EQ(verdict(rules, answer(207)), Verdict::delivered) << "no count is expected of it";
  EXPECT_EQ(verdict(rules, answer(404)), Verdict::retry);
  EXPECT_EQ(verdict(rules, answer(503, "", "7")), Verdict::misconfigured);
  EXPECT_EQ(verdict(rules, answer(401)), Verdict::unauthorized);
}

TEST(VerdictRulesTest, AnOverrideIsNamed) {
  const VerdictRules rules =
      rules_overriding({of_status(409, Verdict::delivered), of_status(418, Verdict::unauthorized)});
  EXPECT_EQ(judge(rules, answer(418)).words(),
            "status 418, which verdicts[1] maps; check the target's auth, and that the API knows "
            "it");
}

TEST(VerdictRulesTest, AnOverrideThatThrottlesReadsWhenToComeBack) {
  const VerdictRules rules =
      rules_overriding({of_status(509, Verdict::throttled), of_status(503, Verdict::retry)});
  EXPECT_EQ(verdict(rules, answer(509)), Verdict::throttled);
  EXPECT_EQ(judge(rules, answer(509)).retry_after, std::nullopt);
  EXPECT_EQ(judge(rules, answer(509, "", "9")).retry_after, seconds(9));
  EXPECT_EQ(judge(rules, answer(503, "", "9")).retry_after, std::nullopt) << "not throttled";
}

TEST(VerdictRulesTest, A200ThatSaysFailureIsWhatTheOverrideSays) {
  config::VerdictOverride rule;
  rule.statuses = {{200, 200}};
  rule.body = config::BodyMatch{"/status", {{"0"}, std::nullopt}};
  rule.verdict = Verdict::rejected;
  const VerdictRules rules = rules_overriding({rule});
  EXPECT_EQ(verdict(rules, answer(200, R"({"status":"0","message":"NOTOK"})")), Verdict::rejected);
  EXPECT_EQ(verdict(rules, answer(200, R"({"status":"1","count":3})")), Verdict::delivered);
}

TEST(VerdictRulesTest, ResultsSayWhichRecordsAreNotDelivered) {
  const auto judged =
      judge(rules_with_results(),
            answer(207, R"({"errors":[{"index":2,"status":503},{"index":0,"status":401}]})"));
  EXPECT_EQ(judged.verdict, Verdict::delivered);
  ASSERT_EQ(judged.records.size(), 2U);
  EXPECT_EQ(judged.records[0].record, 0U);
  EXPECT_EQ(judged.records[0].verdict, Verdict::rejected) << "the request was authorized";
  EXPECT_EQ(judged.records[1].record, 2U);
  EXPECT_EQ(judged.records[1].verdict, Verdict::retry);
}

TEST(VerdictRulesTest, ARecordsOwnStatusMeansWhatThatOfAnAnswerWould) {
  VerdictRules::Options options;
  options.results = config::Results{"/r", "/i", {}, {}, "/s", {}};
  options.overrides = {of_status(409, Verdict::delivered), of_status(507, Verdict::rejected),
                       of_status(498, Verdict::unauthorized), of_status(420, Verdict::throttled)};
  const VerdictRules rules(options);
  const auto of_record = [&](int status) {
    const auto judged =
        judge(rules, answer(200, R"({"r":[{"i":1,"s":)" + std::to_string(status) + "}]}"));
    return judged.records.empty() ? judged.verdict : judged.records[0].verdict;
  };
  for (const int status : {200, 201, 299, 409}) {
    EXPECT_EQ(of_record(status), Verdict::delivered) << status;
  }
  for (const int status : {408, 425, 429, 420, 500, 503, 599}) {
    EXPECT_EQ(of_record(status), Verdict::retry) << status;
  }
  for (const int status : {302, 400, 401, 403, 404, 405, 415, 422, 498, 507}) {
    EXPECT_EQ(of_record(status), Verdict::rejected) << status;
  }
  EXPECT_EQ(of_record(413), Verdict::split);
}

TEST(VerdictRulesTest, ResultsThatCannotBeReadParkAndSayWhatToCheck) {
  const VerdictRules rules = rules_with_results();
  EXPECT_EQ(judge(rules, answer(200, "ok")).words(),
            "status 200, but there is no list at /errors; see what the API answers, and check "
            "results");
  const auto unknown = judge(rules, answer(200, R"({"errors":[{"index":0},{"index":3}]})"));
  EXPECT_EQ(unknown.verdict, Verdict::misconfigured);
  EXPECT_TRUE(unknown.records.empty());
}

TEST(VerdictRulesTest, WithResultsTheCountMayBeOfWhatWasSentOrOfWhatWasTaken) {
  const VerdictRules rules = rules_with_results("/count");
  const auto counted = [&](int count) {
    return verdict(
        rules, answer(200, R"({"errors":[{"index":1}],"count":)" + std::to_string(count) + "}"));
  };
  EXPECT_EQ(counted(3), Verdict::delivered);
  EXPECT_EQ(counted(2), Verdict::delivered);
  EXPECT_EQ(counted(1), Verdict::misconfigured);
  EXPECT_EQ(counted(4), Verdict::misconfigured);
}

TEST(VerdictRulesTest, ARefusalThatNamesARecordIsRead) {
  const VerdictRules rules = rules_with_results();
  const auto named = judge(rules, answer(400, R"({"errors":[{"index":2},{"index":1}]})"));
  EXPECT_EQ(named.verdict, Verdict::rejected);
  EXPECT_EQ(named.named, 1U);
  EXPECT_TRUE(named.records.empty());
  EXPECT_EQ(judge(rules, answer(400, "no")).named, std::nullopt);
  EXPECT_EQ(judge(rules, answer(503, R"({"errors":[{"index":2}]})")).named, std::nullopt);
}

TEST(VerdictRulesTest, NoAnswerIsTheTargetsTrouble) {
  const VerdictRules rules = rules_with({{200, 299}});
  const auto judged = rules.judge({http::TransportErrorKind::tls, "certificate has expired"});
  EXPECT_EQ(judged.verdict, Verdict::retry);
  EXPECT_EQ(judged.detail, "tls: certificate has expired");
}

TEST(VerdictRulesTest, WhatAnAnswerWouldMeanIsWhatItMeans) {
  const SentRecords sent({"1"});
  config::VerdictOverride by_header;
  by_header.header = config::HeaderMatch{"retry-after", {}};
  by_header.verdict = Verdict::delivered;
  for (const VerdictRules& rules :
       {VerdictRules({}), templated_rules(), rules_with({{200, 200}, {409, 409}}),
        VerdictRules({.overrides = {of_status(500, Verdict::rejected), by_header}})}) {
    for (int status = 100; status <= 599; ++status) {
      for (const http::Answer& one :
           {answer(status), answer(status, "request too large"), answer(status, {}, "5")}) {
        EXPECT_EQ(rules.verdict_of(one, kNow), rules.judge(one, sent.all(), kNow).verdict)
            << status;
      }
    }
  }
  EXPECT_EQ(rules_with({{200, 299}}, "/count").verdict_of(answer(200), kNow), Verdict::delivered);
  EXPECT_EQ(rules_with_results().verdict_of(answer(207), kNow), Verdict::delivered);
}

}  // namespace
}  // namespace sluice::deliver
