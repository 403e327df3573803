#include "auth/jwt_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "auth/encoding.h"
#include "unit/auth/keys.h"

namespace sluice::auth {
namespace {

using config::JwtAlgorithm;
using config::Secret;
using testing::HasSubstr;
using testing::Not;

std::string refusal_of(std::string_view pem, JwtAlgorithm algorithm) {
  const auto key = JwtKey::parse(Secret(std::string(pem)), algorithm);
  return key ? "none" : key.error().text();
}

std::string signature_by(std::string_view pem, JwtAlgorithm algorithm) {
  const auto key = JwtKey::parse(Secret(std::string(pem)), algorithm);
  return key ? key->sign("a message") : key.error().text();
}

// RFC 8037, A.4.
TEST(JwtKey, SignsWithEd25519AsTheRfcDoes) {
  const auto key = JwtKey::parse(Secret(std::string(kEd25519Pem)), JwtAlgorithm::eddsa);
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->algorithm(), "EdDSA");
  EXPECT_EQ(
      base64url(key->sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST(JwtKey, SignsWithRsa) {
  struct Case {
    JwtAlgorithm algorithm;
    const char* digest;
    bool pss;
  };
  for (const Case& each :
       {Case{JwtAlgorithm::rs256, "SHA256", false}, Case{JwtAlgorithm::rs384, "SHA384", false},
        Case{JwtAlgorithm::rs512, "SHA512", false}, Case{JwtAlgorithm::ps256, "SHA256", true}}) {
    const std::string signature = signature_by(pem_of(rsa_key()), each.algorithm);
    EXPECT_TRUE(verifies(rsa_key(), each.digest, each.pss, "a message", signature)) << each.digest;
    EXPECT_FALSE(verifies(rsa_key(), each.digest, each.pss, "b message", signature));
    EXPECT_FALSE(verifies(rsa_key(), each.digest, !each.pss, "a message", signature));
  }
}

TEST(JwtKey, SignsWithEllipticCurves) {
  const std::string p256 = signature_by(pem_of(p256_key()), JwtAlgorithm::es256);
  ASSERT_EQ(p256.size(), 64U) << p256;
  EXPECT_TRUE(verifies(p256_key(), "SHA256", false, "a message", der_of(p256)));
  const std::string p384 = signature_by(pem_of(p384_key()), JwtAlgorithm::es384);
  ASSERT_EQ(p384.size(), 96U) << p384;
  EXPECT_TRUE(verifies(p384_key(), "SHA384", false, "a message", der_of(p384)));
}

// One number in 256 has a zero in front.
TEST(JwtKey, WritesShortNumbersWithTheirZeros) {
  const auto key = JwtKey::parse(Secret(pem_of(p256_key())), JwtAlgorithm::es256);
  ASSERT_TRUE(key);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(key->sign("a message").size(), 64U);
}

TEST(JwtKey, ReadsTheOlderForms) {
  EXPECT_EQ(refusal_of(older_pem_of(rsa_key()), JwtAlgorithm::rs256), "none");
  EXPECT_EQ(refusal_of(older_pem_of(p256_key()), JwtAlgorithm::es256), "none");
  // As `openssl ecparam -genkey` writes it.
  EXPECT_EQ(refusal_of("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC "
                       "PARAMETERS-----\n" +
                           older_pem_of(p256_key()),
                       JwtAlgorithm::es256),
            "none");
  std::string without_end = pem_of(rsa_key());
  without_end.pop_back();  // as a reference leaves it
  EXPECT_EQ(refusal_of(without_end, JwtAlgorithm::rs256), "none");
}

TEST(JwtKey, RefusesWhatIsNoPrivateKey) {
  const std::string pem = pem_of(rsa_key());
  for (const std::string& text :
       {std::string("s3cr3t"), std::string(), public_pem_of(rsa_key()), pem.substr(0, 200),
        pem.substr(0, 100) + "!" + pem.substr(101), std::string("-----BEGIN PRIVATE KEY-----\n")}) {
    EXPECT_EQ(refusal_of(text, JwtAlgorithm::rs256),
              "auth.private_key is no private key in PEM form; put one there that begins with "
              "-----BEGIN PRIVATE KEY-----");
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(JwtKey, SaysThatLineBreaksAreEscaped) {
  std::string pem(kEd25519Pem);
  for (std::size_t at = 0; (at = pem.find('\n', at)) != pem.npos;) pem.replace(at, 1, "\\n");
  EXPECT_THAT(refusal_of(pem, JwtAlgorithm::eddsa), HasSubstr("has \\n in the place of"));
}

// And asks nobody for it.
TEST(JwtKey, RefusesAPassphrase) {
  EXPECT_THAT(refusal_of(pem_of(rsa_key(), "s3cr3t"), JwtAlgorithm::rs256),
              HasSubstr("auth.private_key has a passphrase; write it without one"));
}

TEST(JwtKey, RefusesAKeyOfAnotherKind) {
  EXPECT_EQ(refusal_of(pem_of(p256_key()), JwtAlgorithm::rs256),
            "auth.private_key is no key for RS256, which takes an RSA key of 2048 bits at least; "
            "put such a key there, or correct auth.algorithm");
  EXPECT_THAT(refusal_of(pem_of(rsa_key()), JwtAlgorithm::es256), HasSubstr("an EC key on P-256"));
  EXPECT_THAT(refusal_of(pem_of(p384_key()), JwtAlgorithm::es256), HasSubstr("an EC key on P-256"));
  EXPECT_THAT(refusal_of(pem_of(p256_key()), JwtAlgorithm::es384), HasSubstr("an EC key on P-384"));
  EXPECT_THAT(refusal_of(pem_of(rsa_key()), JwtAlgorithm::eddsa), HasSubstr("an Ed25519 key"));
  EXPECT_THAT(refusal_of(kEd25519Pem, JwtAlgorithm::ps256), HasSubstr("no key for PS256"));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(JwtKey, RefusesShortRsaKeys) {
  const PkeyPtr weak(EVP_RSA_gen(1024));
  EXPECT_THAT(refusal_of(pem_of(weak.get()), JwtAlgorithm::ps256), HasSubstr("2048 bits at least"));
}

}  // namespace
}  // namespace sluice::auth
