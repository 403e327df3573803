// Credentials that are exchanged while records flow: nothing is lost, nothing sent twice, and at
// most one request is refused for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr int kRotations = 10;
constexpr seconds kSoon(30);
constexpr std::int32_t kPartitions = 2;

std::string hmac_sha256_hex(const std::string& key, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       static_cast<const unsigned char*>(static_cast<const void*>(text.data())), text.size(),
       mac.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[mac[i] >> 4U];
    hex += kDigits[mac[i] & 15U];
  }
  return hex;
}

// An API that takes what is signed with one of its keys, or comes with one of its certificates.
class Verifier {
 public:
  void allow(const std::string& key) {
    const std::lock_guard lock(mutex_);
    allowed_.insert(key);
  }
  void forbid(const std::string& key) {
    const std::lock_guard lock(mutex_);
    allowed_.erase(key);
  }
  bool used(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return used_.contains(key);
  }
  int refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

  Reply judge_signature(const SeenRequest& request) {
    const std::string* const sent = request.header("x-signature");
    return judge([&](const std::string& key) {
      return sent != nullptr && *sent == hmac_sha256_hex(key, request.body);
    });
  }
  Reply judge_certificate(const SeenRequest& request) {
    return judge([&](const std::string& name) { return request.peer == name; });
  }

 private:
  template <class Fits>
  Reply judge(const Fits& fits) {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : allowed_) {
      if (!fits(key)) continue;
      used_.insert(key);
      return {};
    }
    ++refused_;
    return {.status = 401};
  }

  mutable std::mutex mutex_;
  std::set<std::string> allowed_;
  std::set<std::string> used_;
  int refused_ = 0;
};

// A volume as Kubernetes mounts a secret: its files are links through ..data, which is replaced.
class SecretVolume {
 public:
  using Files = std::map<std::string, std::string>;

  explicit SecretVolume(const Files& files) {
    write(files);
    for (const auto& [name, content] : files) {
      std::filesystem::create_symlink("..data/" + name, path(name));
    }
  }
  std::filesystem::path path(const std::string& name) const { return dir_.path() / name; }
  void write(const Files& files) {
    const std::string version = "..version-" + std::to_string(++version_);
    std::filesystem::create_directory(path(version));
    for (const auto& [name, content] : files) std::ofstream(path(version) / name) << content;
    std::filesystem::create_symlink(version, path("..data_tmp"));
    std::filesystem::rename(path("..data_tmp"), path("..data"));
  }

 private:
  TempDir dir_;
  int version_ = 0;
};

class Rotation : public testing::Test {
 protected:
  static constexpr const char* kPipelineKeys = "batch: {max_records: 20, linger: 10ms}";

  Rotation() { broker_.create_topic(topic_, kPartitions); }

  void expect_all_delivered_once(Load& load, const RecordingApi& api) {
    load.stop();
    ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon));
    EXPECT_EQ(reconcile(broker_, topic_, {&api}), Accounts{});
    EXPECT_THAT(api.disorder(), IsEmpty());
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::string topic_ =
      std::string("rotation-") + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Rotation, OfASigningSecretCostsNothing) {
  SecretVolume volume(SecretVolume::Files{{"key", "key-0"}});
  Verifier verifier;
  verifier.allow("key-0");
  RecordingApi api(
      [&](const SeenRequest& request, const auto&) { return verifier.judge_signature(request); });
  FlowConfig config(broker_);
  config
      .target("api", api.url(),
              "auth: {type: hmac, secret: '${dir:" + volume.path("key").string() + "}'}")
      .pipeline("p", topic_, kPipelineKeys);
  SluiceProcess sluice(config.yaml());
  Load load(broker_, topic_, kPartitions, 1000);
  ASSERT_TRUE(eventually([&] { return verifier.used("key-0"); }, kSoon)) << sluice.log();

  for (int i = 1; i <= kRotations; ++i) {
    const std::string key = "key-" + std::to_string(i);
    verifier.allow(key);
    volume.write({{"key", key}});
    ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon, static_cast<std::size_t>(i)))
        << sluice.log();
    EXPECT_TRUE(verifier.used(key));
    std::this_thread::sleep_for(milliseconds(200));  // for what was sent before
    verifier.forbid("key-" + std::to_string(i - 1));
  }
  expect_all_delivered_once(load, api);
  EXPECT_EQ(verifier.refused(), 0);
  EXPECT_EQ(sluice.metric(R"(sluice_credential_changes_total{target="api",tenant=""})"),
            kRotations);
  EXPECT_THAT(sluice.events("breaker_opened"), IsEmpty());
}

TEST_F(Rotation, AWrongSecretCostsOneRequestAndIsNamed) {
  SecretVolume volume(SecretVolume::Files{{"key", "right"}});
  Verifier verifier;
  verifier.allow("right");
  RecordingApi api(
      [&](const SeenRequest& request, const auto&) { return verifier.judge_signature(request); });
  FlowConfig config(broker_);
  config
      .target("api", api.url(),
              "auth: {type: hmac, secret: '${file:" + volume.path("key").string() + "}'}")
      .pipeline("p", topic_, kPipelineKeys);
  SluiceProcess sluice(config.yaml());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(eventually([&] { return verifier.used("right"); }, kSoon)) << sluice.log();

  volume.write({{"key", "wrong"}});
  ASSERT_TRUE(sluice.wait_for_event("credential_refused", kSoon)) << sluice.log();
  EXPECT_EQ(sluice.metric(R"(sluice_credential_newest_refused{target="api",tenant=""})"), 1);
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  verifier.allow("right too");
  volume.write({{"key", "right too"}});
  ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon)) << sluice.log();
  EXPECT_EQ(sluice.metric(R"(sluice_credential_newest_refused{target="api",tenant=""})"), 0);
  volume.write({{"key", ""}});
  ASSERT_TRUE(sluice.wait_for_event("configuration_refused", kSoon)) << sluice.log();
  EXPECT_THAT(sluice.events("configuration_refused").front(), testing::HasSubstr("is empty"));

  expect_all_delivered_once(load, api);
  EXPECT_EQ(verifier.refused(), 1);
  EXPECT_THAT(sluice.log(), testing::Not(testing::HasSubstr("right too")));
}

TEST_F(Rotation, WithinTheOverlapRequestsGoBackToTheSecretBefore) {
  SecretVolume volume(SecretVolume::Files{{"key", "old"}});
  Verifier verifier;
  verifier.allow("old");
  RecordingApi api(
      [&](const SeenRequest& request, const auto&) { return verifier.judge_signature(request); });
  FlowConfig config(broker_);
  config
      .target(
          "api", api.url(),
          "auth: {type: hmac, overlap: 5m, secret: '${file:" + volume.path("key").string() + "}'}")
      .pipeline("p", topic_, kPipelineKeys);
  SluiceProcess sluice(config.yaml());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(eventually([&] { return verifier.used("old"); }, kSoon)) << sluice.log();
  verifier.allow("new");
  volume.write({{"key", "new"}});
  ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon)) << sluice.log();
  verifier.forbid("new");
  ASSERT_TRUE(sluice.wait_for_event("credential_rolled_back", kSoon)) << sluice.log();
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  verifier.allow("new");
  ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon, 2)) << "it is tried again";
  expect_all_delivered_once(load, api);
  EXPECT_LE(verifier.refused(), kPartitions) << "what was under way";
  EXPECT_THAT(sluice.events("breaker_opened"), IsEmpty());
  EXPECT_THAT(sluice.events("credential_refused"), IsEmpty());
}

TEST_F(Rotation, WhereTheHealthPathProvesItNoRecordIsSentInVain) {
  SecretVolume volume(SecretVolume::Files{{"token", "old"}});
  std::mutex mutex;
  std::vector<std::string> asked;  // of the health path
  RecordingApi api([&](const SeenRequest& request, const auto&) {
    const std::string* const sent = request.header("authorization");
    const std::string token = sent == nullptr ? "" : *sent;
    const bool health = request.path == "/health";
    if (health) {
      const std::lock_guard lock(mutex);
      asked.push_back(token);
    }
    return Reply{.status = token == "Bearer wrong" ? 401 : 200};
  });
  FlowConfig config(broker_);
  config
      .target("api", api.url(),
              "health: {path: /health, authenticated: true}, "
              "auth: {type: bearer, token: '${file:" +
                  volume.path("token").string() + "}'}")
      .pipeline("p", topic_, kPipelineKeys);
  SluiceProcess sluice(config.yaml());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api.wait_for_distinct(100, kSoon)) << sluice.log();

  volume.write({{"token", "wrong"}});
  ASSERT_TRUE(sluice.wait_for_event("credential_refused", kSoon)) << sluice.log();
  volume.write({{"token", "new"}});
  ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon)) << sluice.log();
  expect_all_delivered_once(load, api);
  EXPECT_THAT(sluice.events("request_failed"), IsEmpty());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(asked, (std::vector<std::string>{"Bearer wrong", "Bearer new"}));
}

TEST_F(Rotation, OfAClientCertificateCostsNothing) {
  const TestCa ca;
  const Credentials first = ca.issue("client-0");
  SecretVolume volume(
      SecretVolume::Files{{"cert", first.cert}, {"key", first.key}, {"ca", ca.pem()}});
  Verifier verifier;
  verifier.allow("client-0");
  RecordingApi api(
      [&](const SeenRequest& request, const auto&) { return verifier.judge_certificate(request); },
      {.remember = false,
       .tls = TlsOptions{.identity = ca.issue("127.0.0.1"), .client_ca = ca.pem()}});
  FlowConfig config(broker_);
  config
      .target("api", api.url(),
              "tls: {ca: " + volume.path("ca").string() + ", cert: " +
                  volume.path("cert").string() + ", key: " + volume.path("key").string() + "}")
      .pipeline("p", topic_, kPipelineKeys);
  SluiceProcess sluice(config.yaml());
  Load load(broker_, topic_, kPartitions, 1000);
  ASSERT_TRUE(eventually([&] { return verifier.used("client-0"); }, kSoon)) << sluice.log();

  for (int i = 1; i <= kRotations; ++i) {
    const std::string name = "client-" + std::to_string(i);
    const Credentials next = ca.issue(name);
    verifier.allow(name);
    volume.write({{"cert", next.cert}, {"key", next.key}, {"ca", ca.pem()}});
    ASSERT_TRUE(eventually([&] { return verifier.used(name); }, kSoon)) << sluice.log();
    std::this_thread::sleep_for(milliseconds(200));  // for what was sent before
    verifier.forbid("client-" + std::to_string(i - 1));
  }
  expect_all_delivered_once(load, api);
  EXPECT_EQ(verifier.refused(), 0);
  EXPECT_EQ(sluice.events("configuration_reloaded").size(), std::size_t{kRotations});
  EXPECT_EQ(sluice.events("partitions_revoked").size(), 0U);
  const auto expires =
      sluice.metric(R"(sluice_target_certificate_expires_timestamp_seconds{target="api"})");
  EXPECT_NEAR(expires.value_or(0), static_cast<double>(std::time(nullptr)) + 3600, 300);
}

TEST_F(Rotation, NoMemoryGoesIntoACoreDump) {
  FlowConfig config(broker_);
  config.target("api", "http://127.0.0.1:1").pipeline("p", topic_);
  SluiceProcess sluice(config.yaml());
  sluice.admin_port();
  EXPECT_EQ(read_file("/proc/" + std::to_string(sluice.pid()) + "/coredump_filter"), "00000000\n");
}

TEST_F(Rotation, ACertificateThatCannotBeUsedChangesNothing) {
  const TestCa ca;
  const Credentials first = ca.issue("client");
  SecretVolume volume(SecretVolume::Files{{"cert", first.cert}, {"key", first.key}});
  RecordingApi api(RecordingApi::take_all(),
                   {.remember = false,
                    .tls = TlsOptions{.identity = ca.issue("127.0.0.1"), .client_ca = ca.pem()}});
  const TempDir dir;
  std::ofstream(dir.path() / "ca") << ca.pem();
  FlowConfig config(broker_);
  config
      .target("api", api.url(),
              "tls: {ca: " + (dir.path() / "ca").string() + ", cert: " +
                  volume.path("cert").string() + ", key: " + volume.path("key").string() + "}")
      .pipeline("p", topic_, kPipelineKeys);
  SluiceProcess sluice(config.yaml());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api.wait_for_distinct(100, kSoon)) << sluice.log();
  volume.write({{"cert", first.cert}, {"key", ca.issue("other").key}});
  ASSERT_TRUE(sluice.wait_for_event("configuration_refused", kSoon)) << sluice.log();
  EXPECT_THAT(sluice.events("configuration_refused").front(), testing::HasSubstr("tls"));
  const std::size_t before = api.distinct();
  ASSERT_TRUE(api.wait_for_distinct(before + 200, kSoon));
  expect_all_delivered_once(load, api);
}

}  // namespace
}  // namespace sluice::test
