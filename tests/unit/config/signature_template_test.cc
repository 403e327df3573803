#include "config/signature_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::config {
namespace {

using Kind = SignatureTemplate::Part::Kind;
using Part = SignatureTemplate::Part;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error(const Result<SignatureTemplate>& result) {
  return result ? "accepted" : result.error().text();
}

TEST(SignatureTemplateTest, KnowsThePartsOfARequest) {
  const auto parsed = SignatureTemplate::parse_signed(
      "{timestamp}{method}{path}{query}{host}{id}{body}{body_hash}");
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->parts(),
              ElementsAre(Part{Kind::timestamp, ""}, Part{Kind::method, ""}, Part{Kind::path, ""},
                          Part{Kind::query, ""}, Part{Kind::host, ""}, Part{Kind::id, ""},
                          Part{Kind::body, ""}, Part{Kind::body_hash, ""}));
}

TEST(SignatureTemplateTest, KeepsTextAndLineBreaksAndBraces) {
  const auto parsed = SignatureTemplate::parse_signed("v0:\n{body}{{}}.");
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->parts(), ElementsAre(Part{Kind::text, "v0:\n"}, Part{Kind::body, ""},
                                           Part{Kind::text, "{}."}));
  EXPECT_TRUE(parsed->has(Kind::body));
  EXPECT_FALSE(parsed->has(Kind::body_hash));
}

TEST(SignatureTemplateTest, ASignatureCoversTheBody) {
  EXPECT_EQ(error(SignatureTemplate::parse_signed("{body}")), "accepted");
  EXPECT_EQ(error(SignatureTemplate::parse_signed("{body_hash}")), "accepted");
  EXPECT_THAT(error(SignatureTemplate::parse_signed("{path}body")),
              HasSubstr("leaves the body out"));
  EXPECT_THAT(error(SignatureTemplate::parse_signed("{{body}}")), HasSubstr("leaves the body out"));
}

TEST(SignatureTemplateTest, AValueHoldsTheSignatureAndNothingOfTheRecords) {
  EXPECT_EQ(error(SignatureTemplate::parse_value("{id},{timestamp},{signature}")), "accepted");
  EXPECT_THAT(error(SignatureTemplate::parse_value("{timestamp}")),
              HasSubstr("leaves the signature out"));
  EXPECT_THAT(error(SignatureTemplate::parse_value("{signature}{body}")),
              HasSubstr("unknown placeholder {body}"));
  EXPECT_THAT(error(SignatureTemplate::parse_value("{signature}\r\nX-Evil: 1")),
              HasSubstr("more than one line"));
  EXPECT_THAT(error(SignatureTemplate::parse_value("{signature} ")), HasSubstr("blank"));
}

TEST(SignatureTemplateTest, NamesWhatItDoesNotKnow) {
  EXPECT_THAT(error(SignatureTemplate::parse_signed("{body}{signature}")),
              HasSubstr("unknown placeholder {signature}; use {timestamp}"));
  EXPECT_THAT(error(SignatureTemplate::parse_signed("{body}{}")),
              HasSubstr("unknown placeholder; use"));
  EXPECT_THAT(error(SignatureTemplate::parse_signed("{body}}")),
              HasSubstr("a brace without its other half"));
}

}  // namespace
}  // namespace sluice::config
