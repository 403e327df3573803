#include "auth/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/encoding.h"
#include "unit/auth/keys.h"

namespace sluice::auth {
namespace {

using config::Secret;
using testing::HasSubstr;
using testing::Not;

const WallTime kNow(std::chrono::milliseconds(1'795'629'600'999));

JwtKey key() {
  return JwtKey::parse(Secret(std::string(kEd25519Pem)), config::JwtAlgorithm::eddsa).value();
}

std::string decoded(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.resize((text.size() + 3) / 4 * 4, '=');
  const auto bytes = from_base64(text);
  return bytes ? std::string(bytes->reveal()) : "no base64url";
}

struct Parts {
  std::string header;
  std::string claims;
  std::string signature;
  std::string signed_text;
};

Parts parts_of(const AssertionClaims& claims, Random& random) {
  const Secret token = client_assertion(key(), claims, kNow, random);
  const std::string text(token.reveal());
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first + 1);
  return {decoded(text.substr(0, first)), decoded(text.substr(first + 1, second - first - 1)),
          text.substr(second + 1), text.substr(0, second)};
}

TEST(ClientAssertion, HasItsClaims) {
  SeededRandom random(1);
  const Parts parts = parts_of({"sluice", "https://login.example.com/token", "k1"}, random);
  EXPECT_EQ(parts.header, R"({"alg":"EdDSA","typ":"JWT","kid":"k1"})");
  EXPECT_THAT(parts.claims,
              testing::StartsWith(
                  R"({"iss":"sluice","sub":"sluice","aud":"https://login.example.com/token",)"
                  R"("iat":1795629600,"exp":1795629660,"jti":")"));
  EXPECT_EQ(parts.signature, base64url(key().sign(parts.signed_text)));
}

TEST(ClientAssertion, NamesNoKeyWhereNoneIsNamed) {
  SeededRandom random(1);
  EXPECT_EQ(parts_of({"a", "b", ""}, random).header, R"({"alg":"EdDSA","typ":"JWT"})");
}

TEST(ClientAssertion, IsNeverTheSameTwice) {
  SeededRandom random(1);
  const Parts one = parts_of({"a", "b", ""}, random);
  const Parts other = parts_of({"a", "b", ""}, random);
  EXPECT_NE(one.claims, other.claims);
  constexpr std::size_t kIdSize = 32;
  EXPECT_EQ(one.claims.size() - one.claims.find("jti"),
            kIdSize + std::string("jti\":\"\"}").size());
}

TEST(ClientAssertion, IsJsonWhateverTheNames) {
  SeededRandom random(1);
  const Parts parts = parts_of({"a\"b\\c\n", "b", "\t\""}, random);
  EXPECT_THAT(parts.claims, HasSubstr(R"("iss":"a\"b\\c\u000a",)"));
  EXPECT_THAT(parts.header, HasSubstr(R"("kid":"\u0009\"")"));
}

}  // namespace
}  // namespace sluice::auth
