#include "admin/bounded_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/system_clock.h"
#include "unit/admin/connection.h"

namespace sluice::admin {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::EndsWith;

// Over a real socket, since that is what httplib's own time limits fail at.
class BoundedServerTest : public testing::Test {
 protected:
  static constexpr std::size_t kPool = 2;

  void start(ConnectionLimits limits) {
    server_ = std::make_unique<BoundedServer>(clock_, limits);
    server_->new_task_queue = [this] { return server_->make_queue(kPool).release(); };
    server_->Get("/",
                 [](const auto&, auto& response) { response.set_content("ok", "text/plain"); });
    port_ = static_cast<std::uint16_t>(server_->bind_to_any_port("127.0.0.1"));
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    EXPECT_THAT(ask(), EndsWith("ok"));
  }
  void TearDown() override {
    server_->stop();
    thread_.join();
  }

  std::string ask() const {
    const Connection connection("127.0.0.1", port_);
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return connection.read_to_end();
  }
  std::unique_ptr<Connection> begin_request() const {
    auto connection = std::make_unique<Connection>("127.0.0.1", port_);
    connection->send("GET / HTTP/1.1\r\nX: ");
    return connection;
  }
  // How long it is listened to, byte by byte.
  static std::chrono::nanoseconds drip(const Connection& connection) {
    const auto began = steady_clock::now();
    while (connection.takes("x") && steady_clock::now() - began < 10s) connection.stays_open(5ms);
    return steady_clock::now() - began;
  }

  SystemClock clock_;
  std::unique_ptr<BoundedServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(BoundedServerTest, ARequestThatDripsIsGivenUpInTheEnd) {
  start({.silent = 1s, .longest = 60ms, .hurried = 20ms});
  EXPECT_LT(drip(*begin_request()), 5s);
}

TEST_F(BoundedServerTest, WhoSaysNothingIsGivenUpSooner) {
  start({.silent = 30ms, .longest = 60s, .hurried = 20ms});
  const Connection silent("127.0.0.1", port_);
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(BoundedServerTest, ThoseWhoHoldAllThreadsMakeRoomForTheNext) {
  start({.silent = 60s, .longest = 60s, .hurried = 20ms});
  std::vector<std::unique_ptr<Connection>> slow;
  for (std::size_t i = 0; i < 5 * kPool; ++i) slow.push_back(begin_request());
  const auto began = steady_clock::now();
  EXPECT_THAT(ask(), EndsWith("ok"));
  EXPECT_LT(steady_clock::now() - began, 5s);
}

TEST_F(BoundedServerTest, WhereNobodyWaitsThereIsNoHurry) {
  start({.silent = 60s, .longest = 60s, .hurried = 5ms});
  const auto slow = begin_request();
  EXPECT_TRUE(slow->stays_open(50ms));
  slow->send("y\r\n\r\n");
  EXPECT_THAT(slow->read_to_end(), EndsWith("ok"));
}

}  // namespace
}  // namespace sluice::admin
