#include "deliver/verdict_rules.h"

#include <gtest/gtest.h>

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

struct Row {
  int status;
  Verdict verdict;
};

class VerdictTable : public testing::TestWithParam<Row> {};

TEST_P(VerdictTable, GivesEachStatusItsMeaning) {
  const VerdictRules rules({{200, 200}}, std::nullopt);
  EXPECT_EQ(rules.judge(answer(GetParam().status), 3, kNow).verdict, GetParam().verdict)
      << GetParam().status;
}

INSTANTIATE_TEST_SUITE_P(
    Design, VerdictTable,
    testing::Values(Row{200, Verdict::delivered}, Row{201, Verdict::misconfigured},
                    Row{204, Verdict::misconfigured}, Row{301, Verdict::misconfigured},
                    Row{302, Verdict::misconfigured}, Row{307, Verdict::misconfigured},
                    Row{400, Verdict::rejected}, Row{401, Verdict::unauthorized},
                    Row{402, Verdict::rejected}, Row{403, Verdict::unauthorized},
                    Row{404, Verdict::misconfigured}, Row{405, Verdict::misconfigured},
                    Row{408, Verdict::retry}, Row{409, Verdict::rejected},
                    Row{410, Verdict::misconfigured}, Row{413, Verdict::split},
                    Row{415, Verdict::misconfigured}, Row{422, Verdict::rejected},
                    Row{425, Verdict::retry}, Row{429, Verdict::throttled},
                    Row{500, Verdict::retry}, Row{501, Verdict::retry}, Row{502, Verdict::retry},
                    Row{503, Verdict::retry}, Row{504, Verdict::retry}, Row{599, Verdict::retry},
                    Row{101, Verdict::retry}, Row{999, Verdict::retry}));

TEST(VerdictRulesTest, TakesEverySuccessThatIsConfigured) {
  const VerdictRules rules({{200, 204}, {409, 409}}, std::nullopt);
  EXPECT_EQ(rules.judge(answer(204), 1, kNow).verdict, Verdict::delivered);
  EXPECT_EQ(rules.judge(answer(409), 1, kNow).verdict, Verdict::delivered);
  EXPECT_EQ(rules.judge(answer(205), 1, kNow).verdict, Verdict::misconfigured);
}

TEST(VerdictRulesTest, SaysWhatToDoWhereAPersonCanDoSomething) {
  const VerdictRules rules({{200, 200}}, "/count");
  const auto words = [&](int status) { return rules.judge(answer(status), 3, kNow).words(); };
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
  const VerdictRules rules({{200, 299}}, std::nullopt, true);
  EXPECT_EQ(rules.judge(answer(404), 3, kNow).verdict, Verdict::rejected);
  EXPECT_EQ(rules.judge(answer(410), 3, kNow).verdict, Verdict::rejected);
  EXPECT_EQ(rules.judge(answer(405), 3, kNow).verdict, Verdict::misconfigured);
}

TEST(VerdictRulesTest, AnOverloadedTargetThatNamesATimeThrottles) {
  const VerdictRules rules({{200, 299}}, std::nullopt);
  const auto named = rules.judge(answer(503, "", "7"), 1, kNow);
  EXPECT_EQ(named.verdict, Verdict::throttled);
  EXPECT_EQ(named.retry_after, seconds(7));
  EXPECT_EQ(rules.judge(answer(503, "", "nonsense"), 1, kNow).verdict, Verdict::retry);
  EXPECT_EQ(rules.judge(answer(429, "", "-1"), 1, kNow).retry_after, std::nullopt);
}

TEST(VerdictRulesTest, A400ThatNamesSizeIsSplit) {
  const VerdictRules rules({{200, 299}}, std::nullopt);
  EXPECT_EQ(rules.judge(answer(400, "Request body too large"), 1, kNow).verdict, Verdict::split);
  EXPECT_EQ(rules.judge(answer(400, R"({"message":"amount is too large"})"), 1, kNow).verdict,
            Verdict::rejected);
  EXPECT_EQ(rules.judge(answer(400, "invalid request: name too long"), 1, kNow).verdict,
            Verdict::rejected);
}

TEST(VerdictRulesTest, ACountThatDiffersIsNeverDelivered) {
  const VerdictRules rules({{200, 200}}, "/count");
  EXPECT_EQ(rules.judge(answer(200, R"({"message":"ok","count":3})"), 3, kNow).verdict,
            Verdict::delivered);
  for (const char* body : {R"({"count":2})", R"({"count":"3"})", R"({})", "", "<html>3</html>",
                           R"({"count":3.5})", R"([3])"}) {
    const auto judged = rules.judge(answer(200, body), 3, kNow);
    EXPECT_EQ(judged.verdict, Verdict::misconfigured) << body;
    EXPECT_NE(judged.detail.find("/count"), std::string::npos) << judged.detail;
  }
}

TEST(VerdictRulesTest, NoAnswerIsTheTargetsTrouble) {
  const VerdictRules rules({{200, 299}}, std::nullopt);
  const auto judged = rules.judge({http::TransportErrorKind::tls, "certificate has expired"});
  EXPECT_EQ(judged.verdict, Verdict::retry);
  EXPECT_EQ(judged.detail, "tls: certificate has expired");
}

}  // namespace
}  // namespace sluice::deliver
