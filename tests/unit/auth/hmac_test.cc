#include "auth/hmac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sluice::auth {
namespace {

using config::HmacAlgorithm;
using config::HmacAuth;
using config::Secret;
using config::SecretEncoding;
using config::SignatureEncoding;
using config::SignatureTemplate;
using config::TimestampFormat;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

HmacAuth with_key(std::string_view key) {
  HmacAuth auth;
  auth.secret = Secret(std::string(key));
  return auth;
}

HmacAuth signing(std::string_view text) {
  HmacAuth auth = with_key("key");
  auth.format.string_to_sign = SignatureTemplate::parse_signed(text).value();
  return auth;
}

Outgoing request() {
  Outgoing out = outgoing_to("https://api.example.com:8443/v1/events");
  out.method = "POST";
  out.body = "[1]";
  out.id = "batch-1";
  out.now = WallTime(milliseconds(1'795'629'600'250));  // 2026-11-25T18:00:00.250Z
  return out;
}

// The headers it adds, a line each, or what making it says.
std::string added(const HmacAuth& auth, const Outgoing& to_sign = request()) {
  const auto signer = make_signer(auth);
  if (!signer) return signer.error().text();
  Signed out;
  (*signer)->sign(to_sign, out);
  std::string text;
  for (const Header& header : out.headers) text += header.name + ": " + header.value + "\n";
  return text;
}

std::string signature(const HmacAuth& auth, std::string_view body) {
  Outgoing to_sign;
  to_sign.body = body;
  const std::string line = added(auth, to_sign);
  const std::size_t start = line.find(": ") + 2;
  return line.substr(start, line.size() - start - 1);
}

struct Rfc4231Case {
  std::string key;  // in hex
  std::string data;
  std::string sha256;
  std::string sha512;
};

std::string times(std::size_t count, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// RFC 4231, section 4: test cases 1, 2, 3 and 6.
std::vector<Rfc4231Case> rfc_4231() {
  return {{times(20, "0b"), "Hi There",
           "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
           "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
           "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
          {"4a656665", "what do ya want for nothing?",
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
           "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
           "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
          {times(20, "aa"), times(50, "\xdd"),
           "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
           "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
           "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
          {times(131, "aa"), "Test Using Larger Than Block-Size Key - Hash Key First",
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
           "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
           "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"}};
}

TEST(HmacSignerTest, MakesTheSignaturesOfRfc4231) {
  for (const Rfc4231Case& each : rfc_4231()) {
    HmacAuth auth = with_key(each.key);
    auth.format.secret_encoding = SecretEncoding::hex;
    EXPECT_EQ(signature(auth, each.data), each.sha256);
    auth.format.algorithm = HmacAlgorithm::sha512;
    EXPECT_EQ(signature(auth, each.data), each.sha512);
  }
}

// RFC 2202, section 3: test case 2.
TEST(HmacSignerTest, MakesASignatureOfRfc2202) {
  HmacAuth auth = with_key("Jefe");
  auth.format.algorithm = HmacAlgorithm::sha1;
  EXPECT_EQ(signature(auth, "what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

HmacAuth standard_webhooks(std::string_view secret) {
  HmacAuth auth = with_key(secret);
  auth.format.secret_encoding = SecretEncoding::whsec;
  auth.format.encoding = SignatureEncoding::base64;
  auth.format.header = "webhook-signature";
  auth.format.value = SignatureTemplate::parse_value("v1,{signature}").value();
  auth.format.string_to_sign = SignatureTemplate::parse_signed("{id}.{timestamp}.{body}").value();
  auth.format.timestamp_header = "webhook-timestamp";
  auth.format.id_header = "webhook-id";
  return auth;
}

// The vector that the libraries of the specification are tested with.
TEST(HmacSignerTest, MakesTheSignatureOfStandardWebhooks) {
  Outgoing to_sign;
  to_sign.id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  to_sign.body = R"({"test": 2432232314})";
  to_sign.now = WallTime(seconds(1'614'265'330));
  for (const char* secret :
       {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
    EXPECT_EQ(added(standard_webhooks(secret), to_sign),
              "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\n"
              "webhook-timestamp: 1614265330\n"
              "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n");
  }
}

TEST(HmacSignerTest, WritesTheSignatureInEachEncoding) {
  HmacAuth auth = with_key("key");
  EXPECT_EQ(signature(auth, "5"),
            "ab20d8bbe394c193b6182ca459324966b8112064e0eb3dc53c1ac80321ffc712");
  auth.format.encoding = SignatureEncoding::base64;
  EXPECT_EQ(signature(auth, "5"), "qyDYu+OUwZO2GCykWTJJZrgRIGTg6z3FPBrIAyH/xxI=");
  auth.format.encoding = SignatureEncoding::base64url;
  EXPECT_EQ(signature(auth, "5"), "qyDYu-OUwZO2GCykWTJJZrgRIGTg6z3FPBrIAyH_xxI");
}

// What the signature is of, shown by a signature of that text as a body.
std::string signed_text_is(std::string_view text_template, std::string_view text,
                           const Outgoing& to_sign = request()) {
  const std::string expected = "X-Signature: " + signature(with_key("key"), text) + "\n";
  const std::string said = added(signing(text_template), to_sign);
  return said == expected ? "yes" : said;
}

TEST(HmacSignerTest, FillsInWhatTheRequestIs) {
  EXPECT_EQ(signed_text_is("{method}\n{host}\n{path}\n{query}\n{id}\n{body}",
                           "POST\napi.example.com:8443\n/v1/events\n\nbatch-1\n[1]"),
            "yes");
  EXPECT_EQ(signed_text_is("{body}{body}", "[1][1]"), "yes");
  EXPECT_EQ(signed_text_is("{{{body}}}", "{[1]}"), "yes");
}

TEST(HmacSignerTest, HashesTheBodyWithItsOwnAlgorithm) {
  EXPECT_EQ(signed_text_is("{body_hash}",
                           "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22"),
            "yes");
  HmacAuth sha1 = signing("{body_hash}");
  sha1.format.algorithm = HmacAlgorithm::sha1;
  HmacAuth of_text = with_key("key");
  of_text.format.algorithm = HmacAlgorithm::sha1;
  EXPECT_EQ(signature(sha1, ""), signature(of_text, "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
}

TEST(HmacSignerTest, SignsTheQueryThatIsSent) {
  Outgoing with_query = request();
  with_query.query = "a=b";
  EXPECT_EQ(signed_text_is("{query} {body}", "a=b [1]", with_query), "yes");
  const config::ApiKeyAuth key{"k", config::ApiKeyPlace::query, Secret("v")};
  for (const auto& [before, expected] :
       {std::pair{request(), "k=v [1]"}, std::pair{with_query, "a=b&k=v [1]"}}) {
    const auto signer = make_signer(config::Auths{signing("{query} {body}"), key});
    ASSERT_TRUE(signer);
    Signed out;
    (*signer)->sign(before, out);
    EXPECT_EQ(out.query, "k=v");
    EXPECT_EQ(out.headers.at(0).value, signature(with_key("key"), expected));
  }
}

TEST(HmacSignerTest, ATimestampIsWrittenAsConfigured) {
  const WallTime now(milliseconds(1'795'629'600'250));
  EXPECT_EQ(timestamp_text(now, TimestampFormat::seconds), "1795629600");
  EXPECT_EQ(timestamp_text(now, TimestampFormat::milliseconds), "1795629600250");
  EXPECT_EQ(timestamp_text(now, TimestampFormat::iso8601), "2026-11-25T18:00:00Z");
  EXPECT_EQ(timestamp_text(WallTime(milliseconds(-1)), TimestampFormat::iso8601),
            "1969-12-31T23:59:59Z");
}

TEST(HmacSignerTest, SendsTheTimestampThatIsSigned) {
  HmacAuth auth = signing("{timestamp}.{body}");
  auth.format.value = SignatureTemplate::parse_value("t={timestamp},v1={signature}").value();
  EXPECT_EQ(added(auth),
            "X-Signature: t=1795629600,v1=" + signature(with_key("key"), "1795629600.[1]") + "\n");
  auth.format.timestamp = TimestampFormat::iso8601;
  auth.format.timestamp_header = "X-Time";
  auth.format.id_header = "X-Id";
  auth.format.value = SignatureTemplate::parse_value("sha256={signature}").value();
  EXPECT_EQ(added(auth), "X-Id: batch-1\nX-Time: 2026-11-25T18:00:00Z\nX-Signature: sha256=" +
                             signature(with_key("key"), "2026-11-25T18:00:00Z.[1]") + "\n");
}

TEST(HmacSignerTest, ItsSignatureIsNotToBeShown) {
  HmacAuth auth = with_key("key");
  auth.format.value = SignatureTemplate::parse_value("sha256={signature}").value();
  Signed out;
  (*make_signer(auth))->sign(request(), out);
  EXPECT_THAT(out.secrets.all(), ElementsAre(signature(with_key("key"), "[1]")));
}

TEST(HmacSignerTest, RefusesASecretThatIsNoKeyAndNeverSaysIt) {
  const auto said = [](std::string_view secret, SecretEncoding encoding) {
    HmacAuth auth = with_key(secret);
    auth.format.secret_encoding = encoding;
    return added(auth);
  };
  EXPECT_THAT(said("", SecretEncoding::text), HasSubstr("auth.secret is empty"));
  EXPECT_THAT(said("geheim\n", SecretEncoding::text), HasSubstr("auth.secret has a line break"));
  EXPECT_THAT(said("geheim", SecretEncoding::hex),
              AllOf(HasSubstr("auth.secret is not hex"), HasSubstr("auth.secret_encoding"),
                    Not(HasSubstr("geheim"))));
  EXPECT_THAT(said("geheim", SecretEncoding::base64),
              AllOf(HasSubstr("auth.secret is not base64"), Not(HasSubstr("geheim"))));
  EXPECT_THAT(said("whsec_Zm9v", SecretEncoding::base64), HasSubstr("auth.secret is not base64"));
  EXPECT_THAT(said("whsec_Zm9", SecretEncoding::whsec),
              AllOf(HasSubstr("perhaps behind whsec_"), Not(HasSubstr("secret_encoding"))));
  EXPECT_THAT(said("whsec_", SecretEncoding::whsec), HasSubstr("auth.secret holds no key"));
  EXPECT_THAT(said("k", SecretEncoding::text), HasSubstr("X-Signature: "));
}

TEST(HmacSignerTest, ServesManyThreadsAtOnce) {
  const auto signer = make_signer(signing("{timestamp}{body_hash}"));
  ASSERT_TRUE(signer);
  Signed expected;
  (*signer)->sign(request(), expected);
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          Signed out;
          (*signer)->sign(request(), out);
          count += out.headers.at(0).value != expected.headers.at(0).value;
        }
      });
    }
  }
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace
}  // namespace sluice::auth
