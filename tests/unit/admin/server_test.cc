#include "admin/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_clock.h"
#include "unit/admin/connection.h"

namespace sluice::admin {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ServerTest : public testing::Test {
 protected:
  std::unique_ptr<Server> start(const std::string& host = "127.0.0.1") {
    auto server = Server::start(host, 0, clock_, metrics_, board_);
    EXPECT_TRUE(server.has_value()) << server.error().text();
    return server.has_value() ? std::move(*server) : nullptr;
  }
  Error start_error(const std::string& host, std::uint16_t port) {
    const auto server = Server::start(host, port, clock_, metrics_, board_);
    EXPECT_FALSE(server.has_value());
    return server.has_value() ? Error{} : server.error();
  }
  static std::string ask(const Server& server, const std::string& request_line,
                         const char* host = "127.0.0.1") {
    const Connection connection(host, server.port());
    connection.send(request_line + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return connection.read_to_end();
  }

  test::FakeClock clock_;
  telemetry::Metrics metrics_{"1.2.3"};
  telemetry::StatusBoard board_{clock_};
};

TEST_F(ServerTest, ServesMetricsInPrometheusText) {
  const auto server = start();
  EXPECT_THAT(ask(*server, "GET /metrics"),
              AllOf(StartsWith("HTTP/1.1 200 "),
                    HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
                    HasSubstr("\r\n\r\n# HELP sluice_"), HasSubstr("\n# HELP sluice_build_info "),
                    HasSubstr("sluice_build_info{version=\"1.2.3\"} 1\n")));
}

TEST_F(ServerTest, IsAliveUntilAWorkerIsStuck) {
  board_.add("deposits", "g", "api", 0);
  const auto server = start();
  EXPECT_THAT(ask(*server, "GET /livez"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
}

TEST_F(ServerTest, NamesTheStuckWorkers) {
  board_.add("deposits", "g", "api", 0);
  clock_.advance(telemetry::StatusBoard::kStuckAfter + std::chrono::seconds(1));
  const auto server = start();
  EXPECT_THAT(ask(*server, "GET /livez"),
              AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nstuck: deposits/0\n")));
}

TEST_F(ServerTest, IsReadyOnceEveryWorkerHasJoined) {
  board_.add("deposits", "g", "api", 0);
  board_.add("deposits", "g", "api", 1);
  const auto server = start();
  EXPECT_THAT(ask(*server, "GET /readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("\r\n\r\ndeposits/0: starting (since "),
                    HasSubstr("\ndeposits/1: starting (since ")));
  telemetry::WorkerStatus joined;
  joined.joined = true;
  board_.publish("deposits", 0, joined);
  board_.publish("deposits", 1, joined);
  EXPECT_THAT(ask(*server, "GET /readyz"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
}

TEST_F(ServerTest, ServesTheStatusAsJson) {
  const auto server = start();
  EXPECT_THAT(ask(*server, "GET /status"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Type: application/json\r\n"),
                    EndsWith("\r\n\r\n" + board_.to_json())));
}

TEST_F(ServerTest, TellsThePathsToWhoAsksForAnother) {
  const auto server = start();
  for (const char* path : {"/metrics/", "/metric", "/../etc/passwd"}) {
    EXPECT_THAT(
        ask(*server, std::string("GET ") + path),
        AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\n/\n/metrics\n/livez\n/readyz\n/status\n")));
  }
}

TEST_F(ServerTest, RefusesOtherMethodsWithoutReadingABody) {
  const auto server = start();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const Connection connection("127.0.0.1", server->port());
    connection.send(std::string(method) +
                    " /metrics HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n");
    EXPECT_THAT(connection.read_to_end(),
                AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  }
}

TEST_F(ServerTest, AnswersHeadWithTheLengthAndNoBody) {
  const auto server = start();
  const std::string answer = ask(*server, "HEAD /status");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n"),
                            HasSubstr("Content-Length: " + std::to_string(board_.to_json().size()) +
                                      "\r\n")));
}

TEST_F(ServerTest, KeepsEveryAnswerOutOfCachesAndOtherOrigins) {
  const auto server = start();
  for (const char* request : {"GET /metrics", "GET /none", "POST /status"}) {
    EXPECT_THAT(ask(*server, request),
                AllOf(HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                      HasSubstr("Cache-Control: no-store\r\n"), Not(HasSubstr("Access-Control"))));
  }
}

TEST_F(ServerTest, ListensOnIpv6) {
  const auto server = start("::1");
  EXPECT_THAT(ask(*server, "GET /livez", "::1"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, APortInUseIsAnErrorThatNamesIt) {
  const auto first = start();
  const Error error = start_error("127.0.0.1", first->port());
  EXPECT_EQ(error.cause,
            "cannot listen on 127.0.0.1:" + std::to_string(first->port()) + ": address in use");
  EXPECT_EQ(error.remedy, "stop the other process or set admin.listen");
  EXPECT_THAT(ask(*first, "GET /livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, AnAddressOfAnotherMachineIsAnErrorThatNamesIt) {
  for (const char* host : {"192.0.2.1", "no.such.host.invalid"}) {
    const Error error = start_error(host, 9464);
    EXPECT_EQ(error.cause,
              "cannot listen on " + std::string(host) + ":9464: not an address of this machine");
    EXPECT_THAT(error.remedy, HasSubstr("admin.listen"));
  }
  EXPECT_THAT(start_error("2001:db8::1", 9464).cause, HasSubstr("[2001:db8::1]:9464"));
}

TEST_F(ServerTest, ThePortIsFreeOnceTheServerIsGone) {
  auto server = start();
  const std::uint16_t port = server->port();
  EXPECT_THAT(ask(*server, "GET /livez"), StartsWith("HTTP/1.1 200 "));
  server.reset();
  EXPECT_FALSE(Connection("127.0.0.1", port).connected());
  EXPECT_TRUE(Server::start("127.0.0.1", port, clock_, metrics_, board_).has_value());
}

TEST_F(ServerTest, AClientThatStopsHalfwayDoesNotHoldUpTheOthers) {
  const auto server = start();
  const Connection stuck("127.0.0.1", server->port());
  stuck.send("GET /metrics HTTP/1.1\r\nHost: loc");
  EXPECT_THAT(ask(*server, "GET /metrics"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, StopsWhileClientsAreConnectedAndSilent) {
  auto server = start();
  std::vector<std::unique_ptr<Connection>> silent;
  for (int i = 0; i < 3; ++i) {
    silent.push_back(std::make_unique<Connection>("127.0.0.1", server->port()));
  }
  // Connections are taken up in their order: once this one is answered, the silent ones are waited
  // for.
  EXPECT_THAT(ask(*server, "GET /livez"), StartsWith("HTTP/1.1 200 "));
  server.reset();
  for (const auto& connection : silent) EXPECT_EQ(connection->read_to_end(), "");
}

}  // namespace
}  // namespace sluice::admin
