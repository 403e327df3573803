// Signatures the API accepts, taken from its own SDK: tests/golden/signature-vectors.json.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <array>
#include <fstream>
#include <string>

#include "auth/encoding.h"
#include "auth/hkdf_hmac.h"

namespace sluice::auth {
namespace {

rapidjson::Document golden() {
  std::ifstream file(SLUICE_SOURCE_DIR "/tests/golden/signature-vectors.json");
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document document;
  document.ParseStream(stream);
  return document;
}

std::string sha256(const std::string& bytes) {
  std::array<unsigned char, 32> digest;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return lower_hex(digest);
}

// The body a vector gives, or the one its rule describes.
std::string body_of(const rapidjson::Value& vector) {
  if (vector.HasMember("body")) return vector["body"].GetString();
  EXPECT_STREQ(vector["body_rule"].GetString(),
               "'[' + 500 objects {\"event_id\":\"evt_<i>\",\"amount\":<i>.25} for i=0..499 joined "
               "by ',' + ']'");
  std::string body = "[";
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    body += (i == 0 ? "" : ",") + ("{\"event_id\":\"evt_" + n) + "\",\"amount\":" + n + ".25}";
  }
  return body + "]";
}

config::HkdfHmacAuth credentials_of(const rapidjson::Value& vector) {
  config::HkdfHmacAuth auth;
  auth.token = config::Secret(vector["auth_token"].GetString());
  auth.account_id = vector["account_id"].GetString();
  auth.workspace_id = vector["workspace_id"].GetString();
  return auth;
}

TEST(SignatureVectorsTest, EverySignatureIsTheOneTheApiAccepts) {
  const rapidjson::Document document = golden();
  ASSERT_FALSE(document.HasParseError());
  ASSERT_EQ(document["vectors"].Size(), 18U);
  for (const auto& vector : document["vectors"].GetArray()) {
    const std::string body = body_of(vector);
    const config::HkdfHmacAuth auth = credentials_of(vector);
    ASSERT_EQ(sha256(body), vector["body_sha256"].GetString());
    const auto key =
        derive_key(auth.token.reveal(), auth.account_id + auth.workspace_id, auth.info);
    ASSERT_TRUE(key);
    EXPECT_EQ(lower_hex(key->bytes()), vector["derived_key"].GetString());
    const auto signer = make_signer(auth);
    ASSERT_TRUE(signer);
    Signed out;
    Outgoing request;
    request.body = body;
    (*signer)->sign(request, out);
    EXPECT_EQ(out.headers.at(3).name, "x-hmac-signature");
    EXPECT_EQ(out.headers.at(3).value, vector["signature"].GetString());
  }
}

TEST(SignatureVectorsTest, TheGuidesOrderOfInputsGivesTheGuidesKey) {
  const rapidjson::Document document = golden();
  const rapidjson::Value& guide = document["documented_order_not_accepted"];
  const config::HkdfHmacAuth auth = credentials_of(guide);
  const auto key = derive_key(auth.account_id + auth.workspace_id, auth.token.reveal(), auth.info);
  ASSERT_TRUE(key);
  EXPECT_EQ(lower_hex(key->bytes()), guide["derived_key"].GetString());
}

}  // namespace
}  // namespace sluice::auth
