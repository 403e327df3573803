#include <gmock/gmock.h>

#include <string>

#include "unit/http/client_harness.h"

namespace sluice::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Reply broken(Fault fault) { return {.body = "partial", .fault = fault}; }

TransportErrorKind kind_after(Fault fault, const ClientOptions& options = {}) {
  ScriptedServer server([fault](const SeenRequest&) { return broken(fault); });
  const auto client = make_client(options);
  const TransportError error = error_of(*client, post(server.url() + "/"));
  EXPECT_FALSE(error.detail.empty());
  return error.kind;
}

ClientOptions impatient() {
  ClientOptions options;
  options.timeout = 80ms;
  return options;
}

TEST(ClientFaults, ABrokenConnectionIsAReset) {
  EXPECT_EQ(kind_after(Fault::reset_after_request), TransportErrorKind::reset);
  EXPECT_EQ(kind_after(Fault::close_after_request), TransportErrorKind::reset);
  EXPECT_EQ(kind_after(Fault::reset_in_body), TransportErrorKind::reset);
  EXPECT_EQ(kind_after(Fault::half_answer), TransportErrorKind::reset);
}

TEST(ClientFaults, AResetBeforeTheRequestIsReadIsAResetToo) {
  ScriptedServer server([](const SeenRequest&) { return Reply{}; });
  server.reset_new_connections(true);
  const auto client = make_client();
  const std::string body(5'000'000, 'x');
  EXPECT_EQ(error_of(*client, post(server.url() + "/", body)).kind, TransportErrorKind::reset);
  server.reset_new_connections(false);
  EXPECT_EQ(answer_to(*client, post(server.url() + "/", body)).status, 200);
}

TEST(ClientFaults, NoAnswerInTimeIsATimeout) {
  EXPECT_EQ(kind_after(Fault::hang, impatient()), TransportErrorKind::timeout);
}

TEST(ClientFaults, NoAnswerInTimeOnAUsedConnectionIsATimeout) {
  ScriptedServer server([](const SeenRequest& request) {
    return request.number == 0 ? Reply{} : broken(Fault::hang);
  });
  const auto client = make_client(impatient());
  answer_to(*client, post(server.url() + "/"));
  EXPECT_EQ(error_of(*client, post(server.url() + "/")).kind, TransportErrorKind::timeout);
  EXPECT_EQ(server.connection_count(), 1U);
}

TEST(ClientFaults, AnAnswerThatDripsIsATimeoutWhenItTakesTooLong) {
  EXPECT_EQ(kind_after(Fault::drip, impatient()), TransportErrorKind::timeout);
}

TEST(ClientFaults, AnAnswerThatDripsIsAnAnswer) {
  ScriptedServer server([](const SeenRequest&) { return broken(Fault::drip); });
  const auto client = make_client();
  EXPECT_EQ(answer_to(*client, post(server.url() + "/")).body, "partial");
}

TEST(ClientFaults, WhatIsNotHttpIsAProtocolError) {
  EXPECT_EQ(kind_after(Fault::garbage), TransportErrorKind::protocol);
}

// Nothing stands before it that it could go on with.
TEST(ClientFaults, AFirstHeaderThatIsFoldedIsAnAnswerOrAnErrorAndDisturbsNoOther) {
  for (const std::string fold : {" folded", "\tfolded: x", " "}) {
    ScriptedServer server([&fold](const SeenRequest& request) {
      if (request.number > 0) return Reply{.status = 204, .headers = {{"X-A", "b"}}};
      return Reply{.raw = "HTTP/1.1 200 OK\r\n" + fold + "\r\nContent-Length: 2\r\n\r\n{}"};
    });
    const auto client = make_client();
    const Completion first = exchange(*client, post(server.url() + "/"));
    if (first.result) {
      EXPECT_EQ(first.result->status, 200);
      EXPECT_EQ(first.result->body, "{}");
    } else {
      EXPECT_FALSE(first.result.error().detail.empty());  // its kind is libcurl's to say
    }
    const Answer next = answer_to(*client, post(server.url() + "/"));
    EXPECT_EQ(next.status, 204);
    ASSERT_NE(next.header("x-a"), nullptr);
    EXPECT_EQ(*next.header("x-a"), "b");
  }
}

TEST(ClientFaults, ALaterHeaderThatIsFoldedIsOneLine) {
  ScriptedServer server([](const SeenRequest&) {
    return Reply{.raw = "HTTP/1.1 200 OK\r\nX-A: one\r\n  two\r\nContent-Length: 0\r\n\r\n"};
  });
  const auto client = make_client();
  const Answer answer = answer_to(*client, post(server.url() + "/"));
  ASSERT_NE(answer.header("x-a"), nullptr);
  EXPECT_EQ(*answer.header("x-a"), "one two");
}

TEST(ClientFaults, AnEndlessBodyIsTooLarge) {
  EXPECT_EQ(kind_after(Fault::huge_body), TransportErrorKind::too_large);
}

TEST(ClientFaults, ABodyMayBeAsLongAsMaxResponseAndNoLonger) {
  ScriptedServer server([](const SeenRequest& request) {
    return Reply{.body = std::string(request.body.size(), 'x')};
  });
  ClientOptions options;
  options.max_response = 100'000;
  const auto client = make_client(options);
  const std::string body(100'001, 'x');
  const std::string_view fits = std::string_view(body).substr(1);
  EXPECT_EQ(answer_to(*client, post(server.url() + "/", fits)).body.size(), 100'000U);
  const TransportError error = error_of(*client, post(server.url() + "/", body));
  EXPECT_EQ(error.kind, TransportErrorKind::too_large);
  EXPECT_THAT(error.detail, HasSubstr("longer than 100000 bytes"));
}

TEST(ClientFaults, HeadersWithoutEndAreAProtocolError) {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 70; ++i) many += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  std::string hints;
  for (int i = 0; i < 3000; ++i) hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
  for (const std::string& head : {many, hints}) {
    ScriptedServer server(
        [&head](const SeenRequest&) { return Reply{.raw = head + "Content-Length: 0\r\n\r\n"}; });
    const auto client = make_client();
    const TransportError error = error_of(*client, post(server.url() + "/"));
    EXPECT_EQ(error.kind, TransportErrorKind::protocol);
    EXPECT_THAT(error.detail, HasSubstr("headers are longer than 65536 bytes"));
  }
}

TEST(ClientFaults, ARefusedConnectionIsAConnectErrorUntilTheServerIsBack) {
  ScriptedServer server([](const SeenRequest&) { return Reply{}; });
  const auto client = make_client();
  answer_to(*client, post(server.url() + "/"));
  server.stop();
  EXPECT_EQ(error_of(*client, post(server.url() + "/")).kind, TransportErrorKind::connect);
  server.restart();
  EXPECT_EQ(answer_to(*client, post(server.url() + "/")).status, 200);
}

TEST(ClientFaults, AConnectionThatTakesTooLongIsAConnectError) {
  ScriptedServer server([](const SeenRequest&) { return Reply{}; });
  ClientOptions options;
  options.connect_timeout = 60ms;
  const auto client = make_client(options);
  // A server without TLS waits for the end of a request that a TLS greeting never is.
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  EXPECT_EQ(error_of(*client, post(url)).kind, TransportErrorKind::connect);
}

TEST(ClientFaults, AnUnknownHostIsAResolveError) {
  ClientOptions options;
  options.connect_timeout = 2s;  // where the resolver does not answer either
  const auto client = make_client(options);
  EXPECT_EQ(error_of(*client, post("http://nonexistent.invalid/")).kind,
            TransportErrorKind::resolve);
}

TEST(ClientFaults, AUrlOfAnotherSchemeIsNotSent) {
  const auto client = make_client();
  EXPECT_EQ(error_of(*client, post("file:///etc/passwd")).kind, TransportErrorKind::other);
  EXPECT_EQ(error_of(*client, post("ftp://127.0.0.1/")).kind, TransportErrorKind::other);
}

TEST(ClientFaults, NoErrorQuotesTheQuery) {
  ScriptedServer server([](const SeenRequest&) { return broken(Fault::garbage); });
  const std::string live = server.url();
  ScriptedServer stopped([](const SeenRequest&) { return Reply{}; });
  stopped.stop();
  const auto client = make_client();
  for (const std::string& base : {live, stopped.url(), std::string("http://nonexistent.invalid"),
                                  std::string("http://127.0.0.1:port"), std::string("http://"),
                                  std::string("gopher://127.0.0.1"), std::string("http://[bad")}) {
    const TransportError error = error_of(*client, post(base + "/path?api_key=hush"));
    EXPECT_THAT(error.detail, AllOf(Not(HasSubstr("hush")), Not(HasSubstr("api_key")))) << base;
    EXPECT_FALSE(error.detail.empty()) << base;
  }
}

TEST(ClientFaults, AConnectionThatClosedWhileIdleIsReplaced) {
  ScriptedServer server([](const SeenRequest&) { return broken(Fault::close_after_answer); });
  const auto client = make_client();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(answer_to(*client, post(server.url() + "/")).status, 200);
  }
  EXPECT_EQ(server.connection_count(), 5U);
}

// libcurl's own resend: the same bytes under the same batch id, so that an API can tell.
TEST(ClientFaults, AResendOnADeadReusedConnectionIsTheSameRequest) {
  ScriptedServer server([](const SeenRequest& request) {
    return request.number == 1 ? broken(Fault::close_after_request) : Reply{};
  });
  const auto client = make_client();
  const std::string body(390'000, 'b');
  answer_to(*client, post(server.url() + "/"));
  Request request = post(server.url() + "/", body);
  request.headers.push_back({"Idempotency-Key", "batch-7"});
  EXPECT_EQ(answer_to(*client, std::move(request)).status, 200);
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].connection, 0);
  EXPECT_EQ(seen[2].connection, 1);
  EXPECT_EQ(seen[1].raw_head, seen[2].raw_head);
  EXPECT_TRUE(seen[1].body == body && seen[2].body == body);
}

}  // namespace
}  // namespace sluice::http
