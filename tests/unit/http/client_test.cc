#include "http/client.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

#include "base/version.h"
#include "unit/http/client_harness.h"

namespace sluice::http {
namespace {

using testing::HasSubstr;

Reply ok(const SeenRequest&) { return {}; }

std::string with_placeholders(std::string head, const ScriptedServer& server) {
  const auto replace = [&head](const std::string& what, const std::string& by) {
    const auto at = head.find(what);
    if (at != std::string::npos) head.replace(at, what.size(), by);
  };
  replace("127.0.0.1:" + std::to_string(server.port()), "HOST");
  replace(std::string(kVersion), "VERSION");
  return head;
}

// Bytes that repeat with no short period, so that a piece lost or moved is seen.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

TEST(Client, SendsExactlyThisHead) {
  ScriptedServer server(ok);
  const auto client = make_client();
  Request request = post(server.url() + "/events/deposit?key=a%20b", R"([{"a":1}])");
  request.headers.push_back({"Idempotency-Key", "0123456789abcdef"});
  request.headers.push_back({"X-Empty", ""});
  answer_to(*client, std::move(request));
  EXPECT_EQ(with_placeholders(server.requests().at(0).raw_head, server),
            "POST /events/deposit?key=a%20b HTTP/1.1\r\n"
            "Host: HOST\r\n"
            "User-Agent: sluice/VERSION\r\n"
            "Accept: */*\r\n"
            "Content-Type: application/json\r\n"
            "Idempotency-Key: 0123456789abcdef\r\n"
            "X-Empty:\r\n"
            "Content-Length: 9\r\n"
            "\r\n");
}

TEST(Client, AddsNoContentTypeOfItsOwn) {
  ScriptedServer server(ok);
  const auto client = make_client();
  answer_to(*client, {"POST", server.url() + "/", {}, "[1]"});
  EXPECT_EQ(server.requests().at(0).header("content-type"), nullptr);
}

TEST(Client, SendsBodiesOfAnySizeByteForByteAndExpectsNothing) {
  ScriptedServer server(ok);
  const auto client = make_client();
  const std::vector<std::string> bodies{"", "x", noise(390'000), noise(5'000'000)};
  for (const std::string& body : bodies) answer_to(*client, post(server.url() + "/", body));
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    EXPECT_TRUE(seen[i].body == bodies[i]) << "body of " << bodies[i].size() << " bytes";
    EXPECT_EQ(*seen[i].header("content-length"), std::to_string(bodies[i].size()));
    EXPECT_EQ(seen[i].header("expect"), nullptr);
    EXPECT_EQ(seen[i].header("transfer-encoding"), nullptr);
  }
}

TEST(Client, UsesTheMethodItIsGiven) {
  ScriptedServer server(ok);
  const auto client = make_client();
  answer_to(*client, {"GET", server.url() + "/health", {}, ""});
  answer_to(*client, {"PUT", server.url() + "/put", {}, "[2]"});
  answer_to(*client, {"DELETE", server.url() + "/delete", {}, ""});
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].method, "GET");
  EXPECT_EQ(seen[0].header("content-length"), nullptr);
  EXPECT_EQ(seen[1].method, "PUT");
  EXPECT_EQ(seen[1].body, "[2]");
  EXPECT_EQ(seen[2].method, "DELETE");
}

TEST(Client, ReadsNoBodyAfterHead) {
  ScriptedServer server([](const SeenRequest&) {
    return Reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"};
  });
  const auto client = make_client();
  const Answer answer = answer_to(*client, {"HEAD", server.url() + "/", {}, ""});
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(server.requests().at(0).method, "HEAD");
}

TEST(Client, KeepsTheConnectionForTheNextRequest) {
  ScriptedServer server(ok);
  const auto client = make_client();
  for (int i = 0; i < 10; ++i) answer_to(*client, post(server.url() + "/"));
  EXPECT_EQ(server.request_count(), 10U);
  EXPECT_EQ(server.connection_count(), 1U);
}

TEST(Client, LeavesNothingOfOneRequestInTheNext) {
  ScriptedServer server(ok);
  const auto client = make_client();
  Request first = post(server.url() + "/first");
  first.headers.push_back({"Authorization", "Bearer first"});
  answer_to(*client, std::move(first));
  answer_to(*client, {"GET", server.url() + "/second", {}, ""});
  const auto seen = server.requests();
  EXPECT_NE(seen.at(0).header("authorization"), nullptr);
  EXPECT_EQ(seen.at(1).method, "GET");
  EXPECT_EQ(seen.at(1).header("authorization"), nullptr);
  EXPECT_EQ(seen.at(1).header("content-length"), nullptr);
}

TEST(Client, ReportsStatusHeadersInOrderAndBody) {
  ScriptedServer server([](const SeenRequest&) {
    return Reply{.status = 429,
                 .headers = {{"Retry-After", "3"}, {"X-Twice", "a"}, {"x-twice", "b"}},
                 .body = "slow down"};
  });
  const auto client = make_client();
  const Answer answer = answer_to(*client, post(server.url() + "/"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.body, "slow down");
  ASSERT_EQ(answer.headers.size(), 4U);
  EXPECT_EQ(answer.headers[0].name, "retry-after");
  EXPECT_EQ(answer.headers[3].name, "content-length");
  ASSERT_NE(answer.header("x-twice"), nullptr);
  EXPECT_EQ(*answer.header("x-twice"), "a");
  EXPECT_EQ(answer.headers[2].value, "b");
  EXPECT_EQ(answer.header("Retry-After"), nullptr);
}

TEST(Client, FollowsNoRedirect) {
  ScriptedServer server([&server](const SeenRequest&) {
    return Reply{.status = 307, .headers = {{"Location", server.url() + "/elsewhere"}}};
  });
  const auto client = make_client();
  EXPECT_EQ(answer_to(*client, post(server.url() + "/")).status, 307);
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(Client, KeepsTheFinalAnswerOnly) {
  ScriptedServer server([](const SeenRequest&) {
    return Reply{.raw =
                     "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\nok"};
  });
  const auto client = make_client();
  const Answer answer = answer_to(*client, post(server.url() + "/"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(answer.header("x-interim"), nullptr);
  EXPECT_NE(answer.header("x-final"), nullptr);
}

TEST(Client, TakesAnAnswerWithoutBody) {
  ScriptedServer server([](const SeenRequest&) { return Reply{.status = 204}; });
  const auto client = make_client();
  for (int i = 0; i < 2; ++i) {
    const Answer answer = answer_to(*client, post(server.url() + "/"));
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(server.connection_count(), 1U);
}

TEST(Client, JoinsChunksAndLeavesTrailersOut) {
  ScriptedServer server([](const SeenRequest&) {
    return Reply{.raw =
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n"};
  });
  const auto client = make_client();
  const Answer answer = answer_to(*client, post(server.url() + "/"));
  EXPECT_EQ(answer.body, "hello world");
  EXPECT_EQ(answer.header("x-trailer"), nullptr);
}

TEST(Client, IgnoresTheProxyOfTheEnvironment) {
  ScriptedServer server(ok);
  ASSERT_EQ(::setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
  const auto client = make_client();
  const Completion completion = exchange(*client, post(server.url() + "/"));
  ::unsetenv("http_proxy");
  EXPECT_TRUE(completion.result.has_value());
}

TEST(Client, RefusesAHeaderThatWouldBecomeTwo) {
  ScriptedServer server(ok);
  const auto client = make_client();
  for (const Header& bad :
       {Header{"X-A", "1\r\nX-B: 2"}, Header{"X-A\nX-B", "1"}, Header{"X-A", std::string("1\0", 2)},
        Header{"X: A", "1"}, Header{"", "1"}}) {
    Request request = post(server.url() + "/");
    request.headers.push_back(bad);
    const TransportError error = error_of(*client, std::move(request));
    EXPECT_EQ(error.kind, TransportErrorKind::other);
    EXPECT_THAT(error.detail, HasSubstr("header"));
  }
  EXPECT_EQ(server.connection_count(), 0U);
}

TEST(Client, IsNotMadeOfOptionsThatCannotWork) {
  const SystemClock clock;
  ClientOptions no_connections;
  no_connections.connections = 0;
  ClientOptions no_timeout;
  no_timeout.timeout = Duration::zero();
  ClientOptions no_connect_timeout;
  no_connect_timeout.connect_timeout = Duration(-1);
  for (const auto& options : {no_connections, no_timeout, no_connect_timeout}) {
    const auto client = Client::create(options, clock);
    ASSERT_FALSE(client.has_value());
    EXPECT_FALSE(client.error().remedy.empty());
  }
}

}  // namespace
}  // namespace sluice::http
