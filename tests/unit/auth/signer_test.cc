#include "auth/signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::auth {
namespace {

using config::ApiKeyAuth;
using config::ApiKeyPlace;
using config::Auths;
using config::BasicAuth;
using config::BearerAuth;
using config::Secret;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// What the signer adds to a request, as text; or what making it says.
template <class Auth>
std::string added(const Auth& auth) {
  const auto signer = make_signer(auth);
  if (!signer) return signer.error().text();
  Signed out;
  (*signer)->sign({}, out);
  std::string text;
  for (const Header& header : out.headers) text += header.name + ": " + header.value + "\n";
  return text + out.query;
}

TEST(SignerTest, NoneAddsNothing) { EXPECT_EQ(added(Auths{}), ""); }

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
    (*make_signer(auth))->sign({}, out);
    return out.secrets.all();
  };
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
  Signed out;
  out.headers.push_back({"x-first", "1"});
  out.query = "a=b";
  (*header)->sign({}, out);
  (*query)->sign({}, out);
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

TEST(SignerTest, ListedCredentialsAllGoIntoTheRequest) {
  EXPECT_EQ(added(Auths{BearerAuth{Secret("t")},
                        ApiKeyAuth{"X-Api-Key", ApiKeyPlace::header, Secret("k")},
                        ApiKeyAuth{"key", ApiKeyPlace::query, Secret("q")}}),
            "authorization: Bearer t\nX-Api-Key: k\nkey=q");
}

TEST(SignerTest, NamesTheOneOfAListThatIsWrong) {
  EXPECT_THAT(added(Auths{BearerAuth{Secret("t")}, BasicAuth{"u", Secret()}}),
              HasSubstr("auth[1]: auth.password is empty"));
}

TEST(SignerTest, TakesARequestsPartsFromItsUrl) {
  const auto parts = [](std::string_view url) {
    const Outgoing out = outgoing_to(url);
    return std::string(out.host) + " " + std::string(out.path) + " " + std::string(out.query);
  };
  EXPECT_EQ(parts("https://api.example.com/v1/events?a=b/c?d"),
            "api.example.com /v1/events a=b/c?d");
  EXPECT_EQ(parts("https://api.example.com:8443/"), "api.example.com:8443 / ");
  EXPECT_EQ(parts("https://api.example.com:443/"), "api.example.com / ");
  EXPECT_EQ(parts("http://api.example.com:443/"), "api.example.com:443 / ");
  EXPECT_EQ(parts("http://[::1]:80/a"), "[::1] /a ");
  EXPECT_EQ(parts("http://api"), "api  ");
}

}  // namespace
}  // namespace sluice::auth
