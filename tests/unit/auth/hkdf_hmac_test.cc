#include "auth/hkdf_hmac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "auth/encoding.h"

namespace sluice::auth {
namespace {

using config::HkdfHmacAuth;
using config::HkdfInput;
using config::Secret;
using ::testing::HasSubstr;
using ::testing::Not;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string derived(std::string_view salt, std::string_view ikm, std::string_view info) {
  const auto key = derive_key(salt, ikm, info);
  return key ? lower_hex(key->bytes()) : key.error().text();
}

HkdfHmacAuth credentials() {
  HkdfHmacAuth auth;
  auth.token = Secret("t");
  auth.account_id = "a";
  auth.workspace_id = "w";
  return auth;
}

std::string signature(const Signer& signer, std::string_view body) {
  Signed out;
  Outgoing request;
  request.body = body;
  signer.sign(request, out);
  for (const Header& header : out.headers) {
    if (header.name == "x-hmac-signature") return header.value;
  }
  return "none";
}

// Appendix A of RFC 5869: the first 32 bytes of a longer output are the shorter output.
TEST(HkdfTest, DerivesTheKeysOfRfc5869) {
  std::string ikm(80, '\0');
  std::string salt(80, '\0');
  std::string info(80, '\0');
  for (std::size_t i = 0; i < 80; ++i) {
    ikm[i] = static_cast<char>(i);
    salt[i] = static_cast<char>(0x60 + i);
    info[i] = static_cast<char>(0xb0 + i);
  }
  EXPECT_EQ(derived(from_hex("000102030405060708090a0b0c"), std::string(22, '\x0b'),
                    from_hex("f0f1f2f3f4f5f6f7f8f9")),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  EXPECT_EQ(derived(salt, ikm, info),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
  EXPECT_EQ(derived("", std::string(22, '\x0b'), ""),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(HkdfHmacSignerTest, AddsTheHeadersOfTheApi) {
  const auto signer = make_signer(credentials());
  ASSERT_TRUE(signer) << signer.error().text();
  Signed out;
  Outgoing request;
  request.body = "{}";
  (*signer)->sign(request, out);
  std::vector<std::string> headers;
  for (const Header& header : out.headers) headers.push_back(header.name + ": " + header.value);
  EXPECT_THAT(headers,
              ::testing::ElementsAre(
                  "x-optikpi-token: t", "x-optikpi-account-id: a", "x-optikpi-workspace-id: w",
                  "x-hmac-signature: "
                  "10ab9d3778dd8a9c585db22ae462db9938dcc0225c4f2ec67716645532f662e0",
                  "x-hmac-algorithm: sha256"));
  EXPECT_EQ(out.query, "");
}

TEST(HkdfHmacSignerTest, SignsExactBytes) {
  const auto signer = make_signer(credentials());
  ASSERT_TRUE(signer);
  EXPECT_EQ(signature(**signer, "[]"), signature(**signer, "[]"));
  EXPECT_NE(signature(**signer, "[]"), signature(**signer, "[] "));
  EXPECT_NE(signature(**signer, ""), signature(**signer, std::string_view("\0", 1)));
}

TEST(HkdfHmacSignerTest, DerivesWithTheInputsThatAreConfigured) {
  HkdfHmacAuth swapped = credentials();
  swapped.salt = HkdfInput::account_workspace;
  swapped.ikm = HkdfInput::token;
  HkdfHmacAuth other_info = credentials();
  other_info.info = "other";
  const auto first = make_signer(credentials());
  const auto second = make_signer(swapped);
  const auto third = make_signer(other_info);
  ASSERT_TRUE(first && second && third);
  EXPECT_NE(signature(**first, "{}"), signature(**second, "{}"));
  EXPECT_NE(signature(**first, "{}"), signature(**third, "{}"));
}

TEST(HkdfHmacSignerTest, RefusesCredentialsNoHeaderCanCarry) {
  const auto error = [](auto change) {
    HkdfHmacAuth auth = credentials();
    change(auth);
    const auto signer = make_signer(auth);
    return signer ? std::string("accepted") : signer.error().text();
  };
  EXPECT_THAT(error([](auto& a) { a.token = Secret(""); }), HasSubstr("auth.token is empty"));
  EXPECT_THAT(error([](auto& a) { a.token = Secret("geheim\n"); }),
              ::testing::AllOf(HasSubstr("auth.token has a line break"), Not(HasSubstr("geheim"))));
  EXPECT_THAT(error([](auto& a) { a.account_id = ""; }), HasSubstr("auth.account_id is empty"));
  EXPECT_THAT(error([](auto& a) { a.workspace_id = "w\rx: y"; }),
              HasSubstr("auth.workspace_id has a line break"));
  EXPECT_THAT(error([](auto& a) { a.salt = a.ikm; }), HasSubstr("auth.salt and auth.ikm"));
  EXPECT_EQ(error([](auto& a) { a.token = Secret("t\xC3\xB6k"); }), "accepted");
}

TEST(HkdfHmacSignerTest, ServesManyThreadsAtOnce) {
  const auto signer = make_signer(credentials());
  ASSERT_TRUE(signer);
  const std::string expected = signature(**signer, "[]");
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&signer, &expected, &count] {
        for (int i = 0; i < 500; ++i) count += signature(**signer, "[]") != expected;
      });
    }
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

}  // namespace
}  // namespace sluice::auth
