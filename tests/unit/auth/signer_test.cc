#include "auth/signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::auth {
namespace {

using config::ApiKeyAuth;
using config::ApiKeyPlace;
using config::BasicAuth;
using config::BearerAuth;
using config::NoAuth;
using config::Secret;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// What the signer adds to a request, as text; or what making it says.
std::string added(const config::Auth& auth) {
  const auto signer = make_signer(auth);
  if (!signer) return signer.error().text();
  Signed out;
  (*signer)->sign("[1]", out);
  std::string text;
  for (const Header& header : out.headers) text += header.name + ": " + header.value + "\n";
  return text + out.query;
}

TEST(SignerTest, NoneAddsNothing) { EXPECT_EQ(added(NoAuth{}), ""); }

TEST(SignerTest, BearerSendsTheToken) {
  EXPECT_EQ(added(BearerAuth{Secret("abc.def")}), "authorization: Bearer abc.def\n");
}

// The example of RFC 7617, section 2.
TEST(SignerTest, BasicSendsUserAndPassword) {
  EXPECT_EQ(added(BasicAuth{"Aladdin", Secret("open sesame")}),
            "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n");
  EXPECT_EQ(added(BasicAuth{"u", Secret("a:b")}), "authorization: Basic dTphOmI=\n");
}

TEST(SignerTest, ApiKeyGoesIntoAHeader) {
  EXPECT_EQ(added(ApiKeyAuth{"X-Api-Key", ApiKeyPlace::header, Secret("k&1")}), "X-Api-Key: k&1\n");
}

TEST(SignerTest, ApiKeyGoesIntoTheQueryEncoded) {
  EXPECT_EQ(added(ApiKeyAuth{"api key", ApiKeyPlace::query, Secret("k&1=\xC3\xA9")}),
            "api%20key=k%261%3D%C3%A9");
}

TEST(SignerTest, SaysWhatOfItMustNotBeShown) {
  const auto secrets = [](const config::Auth& auth) {
    Signed out;
    (*make_signer(auth))->sign("[1]", out);
    return out.secrets;
  };
  EXPECT_THAT(secrets(NoAuth{}), IsEmpty());
  EXPECT_THAT(secrets(BearerAuth{Secret("abc.def")}), ElementsAre("abc.def"));
  EXPECT_THAT(secrets(BasicAuth{"Aladdin", Secret("open sesame")}),
              ElementsAre("QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "open sesame"));
  EXPECT_THAT(secrets(ApiKeyAuth{"X-Api-Key", ApiKeyPlace::header, Secret("k&1")}),
              ElementsAre("k&1"));
  EXPECT_THAT(secrets(ApiKeyAuth{"key", ApiKeyPlace::query, Secret("k&1")}), ElementsAre("k&1"));
  EXPECT_THAT(secrets(config::HkdfHmacAuth{Secret("t0k"), "42", "7"}),
              ElementsAre("t0k", SizeIs(64)));
}

TEST(SignerTest, AppendsToWhatOthersAdded) {
  const auto header = make_signer(BearerAuth{Secret("t")});
  const auto query = make_signer(ApiKeyAuth{"k", ApiKeyPlace::query, Secret("v")});
  ASSERT_TRUE(header && query);
  Signed out{{{"x-first", "1"}}, "a=b", {}};
  (*header)->sign("", out);
  (*query)->sign("", out);
  EXPECT_EQ(out.headers.size(), 2U);
  EXPECT_EQ(out.query, "a=b&k=v");
}

TEST(SignerTest, RefusesEmptyCredentialsByTheNameOfTheirOption) {
  EXPECT_THAT(added(BearerAuth{}), HasSubstr("auth.token is empty"));
  EXPECT_THAT(added(BasicAuth{"", Secret("p")}), HasSubstr("auth.user is empty"));
  EXPECT_THAT(added(BasicAuth{"u", Secret()}), HasSubstr("auth.password is empty"));
  EXPECT_THAT(added(ApiKeyAuth{"k", ApiKeyPlace::header, Secret()}),
              HasSubstr("auth.value is empty"));
  EXPECT_THAT(added(ApiKeyAuth{"", ApiKeyPlace::header, Secret("v")}), HasSubstr("auth.name"));
  EXPECT_THAT(added(ApiKeyAuth{"", ApiKeyPlace::query, Secret("v")}), HasSubstr("auth.name"));
}

TEST(SignerTest, RefusesWhatWouldBreakOutOfAHeaderAndNeverSaysTheValue) {
  for (const char* secret : {"geheim\r\nx-evil: 1", "geheim\n", "geheim\t", "\x01geheim",
                             "geheim\x7F", " geheim", "geheim "}) {
    for (const config::Auth& auth :
         {config::Auth(BearerAuth{Secret(secret)}), config::Auth(BasicAuth{"u", Secret(secret)}),
          config::Auth(BasicAuth{secret, Secret("p")}),
          config::Auth(ApiKeyAuth{"k", ApiKeyPlace::header, Secret(secret)}),
          config::Auth(ApiKeyAuth{"k", ApiKeyPlace::query, Secret(secret)})}) {
      EXPECT_THAT(added(auth), HasSubstr("auth."));
      EXPECT_THAT(added(auth), Not(HasSubstr("geheim")));
    }
  }
}

TEST(SignerTest, RefusesAColonInTheUser) {
  EXPECT_THAT(added(BasicAuth{"a:b", Secret("p")}), HasSubstr("auth.user has a colon"));
}

TEST(SignerTest, RefusesNamesThatAreNoToken) {
  for (const char* name : {"X Api", "X-Api:", "X\r\nY", "X(a)", "X\xC3\xA9", "a/b"}) {
    EXPECT_THAT(added(ApiKeyAuth{name, ApiKeyPlace::header, Secret("v")}),
                HasSubstr("auth.name is no header name"))
        << name;
  }
}

}  // namespace
}  // namespace sluice::auth
