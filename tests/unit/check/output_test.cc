#include "check/output.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "support/fake_clock.h"

namespace sluice::check {
namespace {

using std::chrono::milliseconds;

TEST(TextLineTest, IsAlignedWhateverTheFinding) {
  EXPECT_EQ(text_line({Status::ok, "kafka", "3 brokers answer", "", milliseconds(12)}, 10),
            "ok     12 ms  kafka       3 brokers answer");
  EXPECT_EQ(text_line({Status::fail, "pipelines.p", "gone", "make it", milliseconds(5003)}, 10),
            "FAIL 5003 ms  pipelines.p  gone; make it");
}

TEST(TextLineTest, StaysOneLineWhateverABrokerOrACertificateSays) {
  const std::string line = text_line({Status::warn, "kafka", "a\nFAIL\x1b[2J", "", {}}, 5);
  EXPECT_EQ(line.find_first_of("\n\x1b"), line.npos);
}

TEST(JsonDocumentTest, HoldsEveryFinding) {
  const auto text = json_document(
      "sluice.yaml", {{Status::ok, "kafka", "a \"word\"", "", milliseconds(7)},
                      {Status::fail, "targets.api", "not UTF-8: \xff", "correct it", {}}});
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  ASSERT_FALSE(document.HasParseError()) << text;
  EXPECT_STREQ(document["file"].GetString(), "sluice.yaml");
  EXPECT_FALSE(document["ok"].GetBool());
  ASSERT_EQ(document["checks"].Size(), 2U);
  const auto& first = document["checks"][0];
  EXPECT_STREQ(first["status"].GetString(), "ok");
  EXPECT_STREQ(first["subject"].GetString(), "kafka");
  EXPECT_STREQ(first["detail"].GetString(), "a \"word\"");
  EXPECT_STREQ(first["remedy"].GetString(), "");
  EXPECT_EQ(first["milliseconds"].GetInt(), 7);
  EXPECT_STREQ(document["checks"][1]["status"].GetString(), "FAIL");
}

TEST(JsonDocumentTest, AWarningIsNoFailure) {
  EXPECT_NE(json_document("f", {{Status::warn, "s", "d", "r", {}}}).find("\"ok\":true"),
            std::string::npos);
}

TEST(ReportTest, TimesEachFindingFromTheOneBefore) {
  test::FakeClock clock;
  std::vector<Finding> findings;
  Report report(clock, [&](const Finding& finding) { findings.push_back(finding); });
  clock.advance(milliseconds(5));
  report.ok("a", "fine");
  clock.advance(milliseconds(30));
  report.fail("b", {"broken", "mend it"});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].took, milliseconds(5));
  EXPECT_EQ(findings[1].took, milliseconds(30));
  EXPECT_EQ(summary_line(report), "Not ready: 1 ok, 0 warn, 1 FAIL");
}

}  // namespace
}  // namespace sluice::check
