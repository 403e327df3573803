// Every way to sign, judged by programs that share nothing with Sluice: signatures.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <set>
#include <sstream>

#include "integration/flow.h"
#include "support/kafka_client.h"
#include "support/scripted_server.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Each;
using testing::EndsWith;
using testing::Not;
using testing::SizeIs;

struct Scheme {
  std::string name;  // of target, topic and pipeline, and in signatures.py
  std::string keys;  // of the target
};

const std::vector<Scheme> kSchemes = {
    {"github",
     "compression: gzip, auth: {type: hmac, secret: a secret of github, "
     "header: X-Hub-Signature-256, value: 'sha256={signature}'}"},
    {"stripe",
     "auth: {type: hmac, secret: a secret of stripe, header: Stripe-Signature, "
     "value: 't={timestamp},v1={signature}', string_to_sign: '{timestamp}.{body}'}"},
    {"webhooks",
     "auth: {type: hmac, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, "
     "preset: standard_webhooks}"},
    {"everything",
     "compression: zstd, auth: [{type: bearer, token: a-token}, "
     "{type: hmac, secret: 00ff10AB, secret_encoding: hex, algorithm: sha512, encoding: base64url, "
     "timestamp: milliseconds, timestamp_header: X-Time, string_to_sign: "
     R"("{method}\n{host}\n{path}\n{query}\n{timestamp}\n{id}\n{body_hash}"}, )"
     "{type: api_key, in: query, name: key, value: a key}]"},
    {"sha1", "auth: {type: hmac, secret: a secret of old, algorithm: sha1, encoding: base64}"},
    {"hkdf", "auth: {type: hkdf_hmac, token: a-token, account_id: acc1, workspace_id: ws2}"},
    {"basic", "auth: {type: basic, user: a user, password: a password}"},
    {"key", "auth: {type: api_key, name: X-Api-Key, value: a key}"}};

// Those of a test's requests that came to `scheme`, in order of arrival.
std::vector<SeenRequest> requests_of(const ScriptedServer& server, const std::string& scheme) {
  std::vector<SeenRequest> out;
  for (SeenRequest& request : server.requests()) {
    const bool its = request.path.starts_with("/v1/" + scheme);
    if (its) out.push_back(std::move(request));
  }
  return out;
}

// Fails the first attempt of each path, more than a second later; takes the next ones.
class FailingOnce {
 public:
  Reply operator()(const SeenRequest& request) {
    const std::lock_guard lock(mutex_);
    if (!seen_.insert(request.path).second) return {};
    return {.status = 503, .delay = milliseconds(1100)};
  }

 private:
  std::mutex mutex_;
  std::set<std::string> seen_;
};

class Signing : public testing::Test {
 protected:
  void write(const std::string& name, const SeenRequest& request) const {
    std::ofstream(dir_.path() / (name + ".head"), std::ios::binary) << request.raw_head;
    std::ofstream(dir_.path() / (name + ".body"), std::ios::binary) << request.body;
  }

  std::vector<std::string> verdicts() const {
    const auto out = dir_.path() / "verdicts";
    ChildProcess judge({.argv = {"python3", SLUICE_SOURCE_DIR "/tests/integration/signatures.py",
                                 dir_.path().string()},
                        .env = {},
                        .out_file = out,
                        .err_file = dir_.path() / "errors"});
    const auto status = judge.wait(seconds(60));
    EXPECT_TRUE(status && status->code == 0) << read_file(dir_.path() / "errors");
    std::vector<std::string> lines;
    std::istringstream text(read_file(out));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  TempDir dir_;
};

TEST_F(Signing, EveryAttemptOfEverySchemeIsValidForOthers) {
  KafkaBroker& broker = KafkaBroker::shared();
  ScriptedServer server([once = std::make_shared<FailingOnce>()](const SeenRequest& request) {
    return (*once)(request);
  });
  FlowConfig config(broker);
  for (const Scheme& scheme : kSchemes) {
    broker.create_topic(scheme.name, 1);
    produce_numbered(broker, scheme.name, 1, 3, 0, 4000);
    config.target(scheme.name, server.url() + "/v1", scheme.keys)
        .pipeline(scheme.name, scheme.name, "retry: {initial: 50ms}");
  }
  SluiceProcess sluice(config.yaml());

  for (const Scheme& scheme : kSchemes) {
    ASSERT_TRUE(wait_for_commits(broker, scheme.name, seconds(60))) << scheme.name << sluice.log();
    const auto requests = requests_of(server, scheme.name);
    ASSERT_THAT(requests, SizeIs(2)) << scheme.name;
    write(scheme.name + ".0", requests[0]);
    write(scheme.name + ".1", requests[1]);
  }
  const auto lines = verdicts();
  EXPECT_THAT(lines, SizeIs(2 * kSchemes.size()));
  EXPECT_THAT(lines, Each(EndsWith(": valid")));

  const auto webhooks = requests_of(server, "webhooks");
  EXPECT_EQ(*webhooks[0].header("webhook-id"), *webhooks[1].header("webhook-id"));
  EXPECT_EQ(*webhooks[0].header("webhook-id"), *webhooks[0].header("idempotency-key"));
  EXPECT_LT(std::stoll(*webhooks[0].header("webhook-timestamp")),
            std::stoll(*webhooks[1].header("webhook-timestamp")));
  EXPECT_EQ(*requests_of(server, "github")[0].header("content-encoding"), "gzip");
  EXPECT_EQ(*requests_of(server, "everything")[0].header("content-encoding"), "zstd");
}

// What says that all is well has to be able to say otherwise.
TEST_F(Signing, TheJudgeFindsAChangedBodyAndAChangedTime) {
  const std::string start =
      "POST /v1/webhooks HTTP/1.1\r\nwebhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\r\n";
  const std::string end =
      "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\r\n\r\n";
  SeenRequest good;
  good.raw_head = start + "webhook-timestamp: 1614265330\r\n" + end;
  good.body = R"({"test": 2432232314})";
  SeenRequest other_body = good;
  other_body.body.back() = ' ';
  SeenRequest other_time = good;
  other_time.raw_head = start + "webhook-timestamp: 1614265331\r\n" + end;
  write("webhooks.0", good);
  write("webhooks.1", other_body);
  write("webhooks.2", other_time);
  const auto lines = verdicts();
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0], "webhooks.0: valid");
  EXPECT_THAT(lines[1], Not(EndsWith("valid")));
  EXPECT_THAT(lines[2], Not(EndsWith("valid")));
}

}  // namespace
}  // namespace sluice::test
