// A Sluice that gets its tokens from a token server, while both it and the API misbehave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using testing::HasSubstr;
using testing::IsEmpty;

constexpr seconds kSoon(30);
constexpr std::int32_t kPartitions = 2;

// Base64 of "sluice:secret-<n>".
const std::vector<std::string> kProofs{
    "c2x1aWNlOnNlY3JldC0w", "c2x1aWNlOnNlY3JldC0x",    "c2x1aWNlOnNlY3JldC0y",
    "c2x1aWNlOnNlY3JldC0z", "c2x1aWNlOnNlY3JldC00",    "c2x1aWNlOnNlY3JldC01",
    "c2x1aWNlOnNlY3JldC02", "c2x1aWNlOnNlY3JldC03",    "c2x1aWNlOnNlY3JldC04",
    "c2x1aWNlOnNlY3JldC05", "c2x1aWNlOnNlY3JldC0xMA=="};

// The token server and what the API thinks of its tokens.
class Tokens {
 public:
  Reply give(const SeenRequest& request) {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (down_) return {.status = 503};
    const std::string* const proof = request.header("authorization");
    if (proof == nullptr || !proofs_.contains(*proof)) {
      return {.status = 401, .body = R"({"error":"invalid_client"})"};
    }
    const std::string token = "token-" + std::to_string(++given_);
    if (good_) valid_.insert("Bearer " + token);
    return {.headers = {{"Content-Type", "application/json"}},
            .body = R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
                    std::to_string(life_) + "}"};
  }
  Reply judge(const SeenRequest& request) {
    const std::lock_guard lock(mutex_);
    const std::string* const sent = request.header("authorization");
    const std::string* const key = request.header("x-api-key");
    const bool key_fits = key == nullptr || *key != "wrong";
    if (key_fits && sent != nullptr && valid_.contains(*sent)) return {};
    ++refused_;
    return {.status = 401};
  }

  void expect(std::size_t number) {
    const std::lock_guard lock(mutex_);
    proofs_ = {"Basic " + kProofs[number]};
  }
  void be_down(bool down) {
    const std::lock_guard lock(mutex_);
    down_ = down;
  }
  void live_for(int life) {
    const std::lock_guard lock(mutex_);
    life_ = life;
  }
  // What was given so far; and what is given from now on, unless `good`.
  void revoke(bool good) {
    const std::lock_guard lock(mutex_);
    valid_.clear();
    good_ = good;
  }
  int asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  int given() const {
    const std::lock_guard lock(mutex_);
    return given_;
  }
  int refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> proofs_{"Basic " + kProofs[0]};
  std::set<std::string> valid_;
  bool down_ = false;
  bool good_ = true;
  int life_ = 3600;
  int asked_ = 0;
  int given_ = 0;
  int refused_ = 0;
};

class TokensTest : public testing::Test {
 protected:
  TokensTest() {
    broker_.create_topic(topic_, kPartitions);
    write_secret(0);
  }

  void write_secret(int number) const {
    std::ofstream(secret_.string() + ".new") << "secret-" << number;
    std::filesystem::rename(secret_.string() + ".new", secret_);
  }
  // `more`: further keys; `beside`: another auth, after a comma.
  std::string config(const std::string& more = "", const std::string& beside = "") {
    FlowConfig made(broker_);
    made.target("api", api_.url(),
                "auth: [{type: oauth2, token_url: '" + server_.url() +
                    "/token', client_id: sluice, client_secret: '${file:" + secret_.string() +
                    "}'" + more + "}" + beside + "]")
        .pipeline("p", topic_, "batch: {max_records: 20, linger: 10ms}");
    return made.yaml();
  }
  void expect_all_delivered_once(SluiceProcess& sluice) {
    ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon)) << sluice.log();
    EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::string topic_ =
      std::string("tokens-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  TempDir dir_;
  const std::filesystem::path secret_ = dir_.path() / "secret";
  Tokens tokens_;
  ScriptedServer server_{[this](const SeenRequest& request) { return tokens_.give(request); }};
  RecordingApi api_{
      [this](const SeenRequest& request, const auto&) { return tokens_.judge(request); }};
};

TEST_F(TokensTest, AClientSecretIsExchangedTenTimesForNothing) {
  SluiceProcess sluice(config());
  Load load(broker_, topic_, kPartitions, 1000);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  for (int i = 1; i <= 10; ++i) {
    tokens_.expect(static_cast<std::size_t>(i));
    write_secret(i);
    ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon, static_cast<std::size_t>(i) + 1))
        << sluice.log();
  }
  load.stop();
  expect_all_delivered_once(sluice);
  EXPECT_EQ(tokens_.refused(), 0);
  EXPECT_EQ(tokens_.given(), 11);
  EXPECT_THAT(sluice.events("request_failed"), IsEmpty());
  EXPECT_THAT(sluice.log(), testing::Not(HasSubstr("secret-")));
  EXPECT_THAT(sluice.log(), testing::Not(HasSubstr("token-")));
  const auto expires =
      sluice.metric(R"(sluice_credential_expires_timestamp_seconds{target="api",tenant=""})");
  EXPECT_NEAR(expires.value_or(0), static_cast<double>(std::time(nullptr)) + 3600, 60);
}

TEST_F(TokensTest, AWrongClientSecretLeavesTheTokenInUse) {
  SluiceProcess sluice(config());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  write_secret(7);
  ASSERT_TRUE(sluice.wait_for_event("token_failed", kSoon)) << sluice.log();
  EXPECT_THAT(sluice.events("token_failed").front(), HasSubstr("still good"));
  EXPECT_EQ(sluice.metric(R"(sluice_credential_newest_refused{target="api",tenant=""})"), 1);
  std::this_thread::sleep_for(seconds(3));
  EXPECT_THAT(sluice.events("token_failed"), testing::SizeIs(1));
  write_secret(0);
  load.stop();
  expect_all_delivered_once(sluice);
  EXPECT_EQ(tokens_.refused(), 0);
}

TEST_F(TokensTest, WithTheTokenServerDownAtStartNothingIsSentAndThenAll) {
  tokens_.be_down(true);
  produce_numbered(broker_, topic_, kPartitions, 100);
  SluiceProcess sluice(config());
  ASSERT_TRUE(wait_for_state(sluice, "p", "unauthorized", kSoon)) << sluice.status();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr("token server"));
  EXPECT_THAT(sluice.events("token_failed"), testing::SizeIs(1));
  EXPECT_EQ(api_.server().request_count(), 0U);
  tokens_.be_down(false);
  expect_all_delivered_once(sluice);
  EXPECT_EQ(tokens_.refused(), 0);
}

TEST_F(TokensTest, AnOutageOfTheTokenServerIsHeardOfButNotFelt) {
  tokens_.live_for(6);
  SluiceProcess sluice(config());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  ASSERT_TRUE(eventually([&] { return tokens_.given() >= 2; }, kSoon));
  tokens_.be_down(true);
  ASSERT_TRUE(sluice.wait_for_event("token_failed", kSoon)) << sluice.log();
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  ASSERT_TRUE(wait_for_state(sluice, "p", "unauthorized", kSoon))
      << "the token has expired by then";
  tokens_.be_down(false);
  tokens_.live_for(3600);
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon)) << sluice.status();
  load.stop();
  expect_all_delivered_once(sluice);
  EXPECT_EQ(tokens_.refused(), 0);
}

TEST_F(TokensTest, ARefusedTokenIsReplacedByOneNewOne) {
  SluiceProcess sluice(config());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  tokens_.revoke(true);
  std::this_thread::sleep_for(seconds(2));
  load.stop();
  expect_all_delivered_once(sluice);
  EXPECT_EQ(tokens_.given(), 2);
  EXPECT_LE(tokens_.refused(), kPartitions) << "what was under way";
  EXPECT_THAT(sluice.events("breaker_opened"), IsEmpty());
}

TEST_F(TokensTest, AnApiThatTakesNoTokenParksIt) {
  SluiceProcess sluice(config());
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  tokens_.revoke(false);
  ASSERT_TRUE(wait_for_state(sluice, "p", "unauthorized", kSoon)) << sluice.status();
  ASSERT_TRUE(sluice.wait_for_event("breaker_opened", kSoon)) << sluice.log();
  load.stop();
  EXPECT_EQ(tokens_.given(), 2);
  const auto accounts = reconcile(broker_, topic_, {&api_});
  EXPECT_THAT(accounts.lost, IsEmpty());
  EXPECT_THAT(accounts.repeated, IsEmpty());
  EXPECT_GT(accounts.uncommitted, 0U);
}

TEST_F(TokensTest, WhatIsRefusedBesideATokenNeverComesIntoUseWithTheNextOne) {
  const std::filesystem::path key = dir_.path() / "key";
  std::ofstream(key) << "right";
  tokens_.live_for(6);
  SluiceProcess sluice(
      config("", ", {type: api_key, name: X-Api-Key, value: '${file:" + key.string() + "}'}"));
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  std::ofstream(key) << "wrong";
  ASSERT_TRUE(sluice.wait_for_event("credential_refused", kSoon)) << sluice.log();
  const int given = tokens_.given();
  ASSERT_TRUE(eventually([&] { return tokens_.given() >= given + 2; }, kSoon));
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  EXPECT_EQ(sluice.metric(R"(sluice_credential_newest_refused{target="api",tenant=""})"), 1);
  EXPECT_LE(tokens_.refused(), 2) << "each try costs one";
  std::ofstream(key) << "right too";
  const auto taken = [&] {
    return sluice.metric(R"(sluice_credential_newest_refused{target="api",tenant=""})") == 0;
  };
  ASSERT_TRUE(eventually(taken, kSoon)) << sluice.log();
  load.stop();
  expect_all_delivered_once(sluice);
  EXPECT_THAT(sluice.events("breaker_opened"), IsEmpty());
}

TEST_F(TokensTest, WithAStoreASecretIsExchangedDuringAnOutageOfTheTokenServer) {
  SluiceProcess sluice(config(", timeout: 1s, refresh_token: first, store: '" +
                              (dir_.path() / "store").string() + "'"));
  Load load(broker_, topic_, kPartitions, 500);
  ASSERT_TRUE(api_.wait_for_distinct(100, kSoon)) << sluice.log();
  tokens_.be_down(true);
  write_secret(1);
  ASSERT_TRUE(sluice.wait_for_event("token_failed", kSoon)) << sluice.log();
  EXPECT_THAT(sluice.events("token_failed").front(), HasSubstr("still good"));
  std::this_thread::sleep_for(seconds(3));
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  EXPECT_THAT(sluice.events("token_failed"), testing::SizeIs(testing::Le(2U)));
  const std::size_t changes = sluice.events("credential_changed").size();
  tokens_.expect(1);
  tokens_.be_down(false);
  ASSERT_TRUE(sluice.wait_for_event("credential_changed", kSoon, changes + 1)) << sluice.log();
  load.stop();
  expect_all_delivered_once(sluice);
  EXPECT_EQ(tokens_.refused(), 0);
}

}  // namespace
}  // namespace sluice::test
