#include "http/ask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/fake_clock.h"
#include "support/scripted_server.h"

namespace sluice::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Fault;
using test::Reply;
using test::ScriptedServer;
using test::SeenRequest;

class AskTest : public testing::Test {
 protected:
  std::unique_ptr<Client> client(Duration timeout) const {
    ClientOptions options;
    options.timeout = timeout;
    return Client::create(options, clock_).value();
  }
  Request request() const { return {"POST", server_.url() + "/a", {}, "body"}; }

  test::FakeClock clock_;
  ScriptedServer server_{[](const SeenRequest& request) { return Reply{.body = request.body}; }};
};

TEST_F(AskTest, ReturnsTheAnswer) {
  const auto asking = client(seconds(10));
  const auto answer = ask(*asking, request());
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "body");
  EXPECT_TRUE(ask(*asking, request()));
}

TEST_F(AskTest, ReturnsWhyThereIsNone) {
  server_.set_handler([](const SeenRequest&) { return Reply{.fault = Fault::hang}; });
  const auto answer = ask(*client(milliseconds(50)), request());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, TransportErrorKind::timeout);
}

TEST_F(AskTest, GivesUpWhenTold) {
  server_.set_handler([](const SeenRequest&) { return Reply{.fault = Fault::hang}; });
  std::atomic<bool> stop(false);
  std::thread teller([&] {
    server_.wait_for_requests(1, seconds(10));
    stop = true;
  });
  const auto asking = client(seconds(300));
  const auto answer = ask(*asking, request(), &stop);
  teller.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, TransportErrorKind::other);
  EXPECT_EQ(asking->in_flight(), 0U);
}

}  // namespace
}  // namespace sluice::http
