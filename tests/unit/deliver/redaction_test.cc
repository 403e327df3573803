#include "deliver/redaction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

const std::vector<std::string> kSecrets = {"t0ken/with+signs==", "pw\"&<1"};

std::string all_of(std::string_view text) { return redacted(text, 1024, kSecrets); }

TEST(RedactionTest, SecretsAreMaskedWhereverTheyStand) {
  EXPECT_EQ(all_of("t0ken/with+signs=="), "[redacted]");
  EXPECT_EQ(all_of("got t0ken/with+signs==, wanted pw\"&<1."),
            "got [redacted], wanted [redacted].");
  EXPECT_EQ(all_of("pw\"&<1pw\"&<1"), "[redacted][redacted]");
}

TEST(RedactionTest, OtherTextStaysAsItIs) {
  for (const char* text : {"", "no such user", "100%", "\\", "&", "&;", "%2", "\\u00", "a t0ken"}) {
    EXPECT_EQ(all_of(text), text);
  }
  EXPECT_EQ(redacted("anything", 1024, {}), "anything");
  EXPECT_EQ(redacted("anything", 1024, {""}), "anything");
}

TEST(RedactionTest, EscapesHideNothing) {
  EXPECT_EQ(all_of(R"({"was":"t0ken\/with+signs=="})"), R"({"was":"[redacted]"})");
  EXPECT_EQ(all_of(R"(t0ken/with\u002Bsigns\u003d\u003D)"), "[redacted]");
  EXPECT_EQ(all_of("k=t0ken%2Fwith%2bsigns%3D%3D&b=1"), "k=[redacted]&b=1");
  EXPECT_EQ(all_of("<p>t0ken&#x2F;with&#43;signs&#61;=</p>"), "<p>[redacted]</p>");
  EXPECT_EQ(all_of(R"(pw\"&<1)"), "[redacted]");
  EXPECT_EQ(all_of("pw&quot;&amp;&lt;1"), "[redacted]");
  EXPECT_EQ(redacted(R"(a\\b%41)", 99, {R"(a\b%41)"}), "[redacted]");
  EXPECT_EQ(redacted(R"(a\\b%41)", 99, {R"(a\\b%41)"}), "[redacted]");
}

TEST(RedactionTest, TheBeginningOfASecretIsOneToo) {
  EXPECT_EQ(all_of("bad token t0ken/wi..."), "bad token [redacted]...");
  EXPECT_EQ(all_of("t0ken/wi"), "[redacted]");
  EXPECT_EQ(all_of("t0ken/w"), "t0ken/w") << "too short to tell it from a word";
}

// Wherever the excerpt ends, nothing of the secret that stands there is left.
TEST(RedactionTest, NoLimitLeavesHalfASecret) {
  const std::string text = "token t0ken/with+signs== is not known";
  const std::string masked = "token [redacted] is not known";
  for (std::size_t limit = 0; limit <= text.size(); ++limit) {
    const std::string excerpt = redacted(text, limit, kSecrets);
    EXPECT_LE(excerpt.size(), limit);
    EXPECT_TRUE(masked.starts_with(excerpt)) << excerpt;
  }
}

class EchoTest : public DelivererHarness {
 protected:
  EchoTest() { options_.response_excerpt = 1024; }
  std::string excerpt_of(const http::Answer& echo) {
    reply(echo);
    return sink_.causes.at(0).response_excerpt;
  }
};

TEST_F(EchoTest, WhatTheRequestWasSignedWithIsInNoDeadLetter) {
  sign_with({config::HkdfHmacAuth{config::Secret("token-of-the-test"), "42", "7"}});
  start(1, 100, 1);
  const std::string signature = sent_header("x-hmac-signature");
  ASSERT_EQ(signature.size(), 64U);
  EXPECT_EQ(excerpt_of(answer(400, "token-of-the-test/42/7 signed " + signature,
                              {{"x-request-id", "token-of-the-test"}})),
            "[redacted]/42/7 signed [redacted]");
  EXPECT_EQ(sink_.causes.at(0).request_id, "[redacted]");
}

TEST_F(EchoTest, AProxysPasswordIsMaskedLikeTheTargets) {
  sign_with({config::BasicAuth{"user", config::Secret("password-1")}});
  options_.secrets.add("password-2");
  start(1, 100, 1);
  EXPECT_EQ(excerpt_of(answer(400, sent_header("authorization") + " password-1 password-2 user")),
            "Basic [redacted] [redacted] [redacted] user");
}

}  // namespace
}  // namespace sluice::deliver
