#include "admin/actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/server.h"
#include "support/fake_clock.h"
#include "unit/admin/connection.h"

namespace sluice::admin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kToken = "a-token-of-some-length";

TEST(ActionPathTest, NamesThePipelineAndTheAction) {
  const auto action = parse_action_path("/-/pipelines/deposits/retry");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->pipeline, "deposits");
  EXPECT_EQ(action->name, "retry");
}

TEST(ActionPathTest, NamesTheTargetAndTheAction) {
  const auto action = parse_action_path("/-/targets/api/reset-breaker");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->target, "api");
  EXPECT_EQ(action->pipeline, "");
  EXPECT_EQ(action->name, "reset-breaker");
}

TEST(ActionPathTest, TheLogLevelAndAReloadAreOfTheProcess) {
  const auto action = parse_action_path("/-/log-level");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->pipeline + action->target, "");
  EXPECT_EQ(action->name, "log-level");
  EXPECT_EQ(parse_action_path("/-/reload")->name, "reload");
}

TEST(ActionPathTest, NothingElseIsOne) {
  for (const char* path :
       {"/-/", "/-/log-level/", "/-/log-levels", "/-/targets/", "/-/targets/api",
        "/-/targets//reset-breaker", "/", "/-/pipelines", "/-/pipelines/", "/-/pipelines/a",
        "/-/pipelines/a/", "/-/pipelines//retry", "/-/pipelines/a/b/c", "/status"}) {
    EXPECT_FALSE(parse_action_path(path)) << path;
  }
}

TEST(TokenTest, OnlyTheTokenItselfIsKnown) {
  EXPECT_TRUE(knows_token("Bearer secret", "secret"));
  EXPECT_TRUE(knows_token("bearer secret", "secret"));
  for (const char* wrong : {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets",
                            "Bearer secretsecret", "Basic secret", "Bearer Secret"}) {
    EXPECT_FALSE(knows_token(wrong, "secret")) << wrong;
  }
  EXPECT_FALSE(knows_token("Bearer ", "")) << "no token is not a token";
}

class ActionsTest : public testing::Test {
 protected:
  std::string post(const std::string& path, const std::string& token,
                   const std::string& configured = kToken) {
    ActionPort port;
    port.token = [configured] { return configured; };
    port.perform = [this](const ActionRequest& request) {
      seen_.push_back(request);
      return reply_;
    };
    port.reload = [] { return ActionReply{200, "nothing to change"}; };
    port.refused = [this](const ActionRequest& request, const ActionReply& reply) {
      refused_.push_back(request.pipeline + ' ' + request.name + ' ' +
                         std::to_string(reply.status));
    };
    const auto server = Server::start("127.0.0.1", 0, clock_, metrics_, board_, std::move(port));
    EXPECT_TRUE(server.has_value());
    const Connection connection("127.0.0.1", (*server)->port());
    const std::string header = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
    connection.send(path + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n");
    return connection.read_to_end();
  }

  test::FakeClock clock_;
  telemetry::Metrics metrics_{"1.2.3"};
  telemetry::StatusBoard board_{clock_};
  ActionReply reply_{409, "nothing stands still"};
  std::vector<ActionRequest> seen_;
  std::vector<std::string> refused_;
};

TEST_F(ActionsTest, AReloadNeedsTheTokenToo) {
  EXPECT_THAT(post("POST /-/reload", kToken),
              AllOf(StartsWith("HTTP/1.1 200"), EndsWith("nothing to change\n")));
  EXPECT_THAT(post("POST /-/reload", "wrong"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(post("GET /-/reload", kToken), StartsWith("HTTP/1.1 405"));
}

TEST_F(ActionsTest, AreHandedOnWithTheirParameters) {
  const std::string said =
      post("POST /-/pipelines/deposits/resume-from?topic=a.b&partition=3&offset=latest", kToken);
  EXPECT_THAT(said, AllOf(StartsWith("HTTP/1.1 409"), EndsWith("nothing stands still\n")));
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].pipeline, "deposits");
  EXPECT_EQ(seen_[0].name, "resume-from");
  EXPECT_EQ(seen_[0].parameters, (std::map<std::string, std::string>{
                                     {"topic", "a.b"}, {"partition", "3"}, {"offset", "latest"}}));
}

TEST_F(ActionsTest, NeedTheToken) {
  const std::string path = "POST /-/pipelines/deposits/retry";
  EXPECT_THAT(post(path, ""), AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("admin.token")));
  EXPECT_THAT(post(path, "a-token-of-some-lengtH"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(post(path, kToken, ""), AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("admin.token")));
  EXPECT_TRUE(seen_.empty());
}

TEST_F(ActionsTest, AreToldOfWhereTheyAreRefused) {
  const std::string path = "POST /-/pipelines/deposits/retry";
  post(path, kToken);
  reply_ = {200, "done"};
  post(path, kToken);
  EXPECT_THAT(refused_, IsEmpty()) << "who acts tells of what was done, or found nothing to do";
  reply_ = {504, "a worker did not answer"};
  post(path, kToken);
  post(path, "");
  post(path, kToken, "");
  post("GET /-/reload", kToken);
  post("POST /-/reload", "wrong");
  EXPECT_THAT(refused_, ElementsAre("deposits retry 504", "deposits retry 401",
                                    "deposits retry 403", " reload 405", " reload 401"));
}

TEST_F(ActionsTest, ArePosts) {
  EXPECT_THAT(post("GET /-/pipelines/deposits/retry", kToken),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: POST")));
  EXPECT_TRUE(seen_.empty());
}

}  // namespace
}  // namespace sluice::admin
