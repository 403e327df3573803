// What the tests of http::Client share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/system_clock.h"
#include "http/client.h"
#include "support/scripted_server.h"

namespace sluice::http {

using namespace std::chrono_literals;
using test::Fault;
using test::Reply;
using test::ScriptedServer;
using test::SeenRequest;
using test::TlsOptions;

inline std::unique_ptr<Client> make_client(const ClientOptions& options = {}) {
  static const SystemClock clock;
  return Client::create(options, clock).value();
}

inline Request post(std::string url, std::string_view body = "[1]") {
  return {"POST", std::move(url), {{"Content-Type", "application/json"}}, body};
}

// Polls until `count` requests are completed; what there is after ten seconds otherwise.
inline std::vector<Completion> poll_until(Client& client, std::size_t count) {
  std::vector<Completion> completed;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (completed.size() < count && std::chrono::steady_clock::now() < deadline) {
    client.poll(100ms, -1, completed);
  }
  EXPECT_EQ(completed.size(), count);
  return completed;
}

// Polls until the server has seen `count` requests in all.
inline void poll_until_seen(Client& client, const ScriptedServer& server, std::size_t count) {
  std::vector<Completion> completed;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (server.request_count() < count && std::chrono::steady_clock::now() < deadline) {
    client.poll(1ms, -1, completed);
  }
  EXPECT_EQ(server.request_count(), count);
  EXPECT_TRUE(completed.empty());
}

inline Completion exchange(Client& client, Request request) {
  const RequestId id = client.send(std::move(request));
  auto completed = poll_until(client, 1);
  if (completed.empty()) return {};
  EXPECT_EQ(completed[0].id, id);
  EXPECT_EQ(client.in_flight(), 0U);
  return std::move(completed[0]);
}

// The answer to a request that must get one.
inline Answer answer_to(Client& client, Request request) {
  Completion completion = exchange(client, std::move(request));
  if (completion.result) return std::move(*completion.result);
  ADD_FAILURE() << to_string(completion.result.error().kind) << ": "
                << completion.result.error().detail;
  return {};
}

// The error of a request that must get no answer.
inline TransportError error_of(Client& client, Request request) {
  Completion completion = exchange(client, std::move(request));
  if (!completion.result) return completion.result.error();
  ADD_FAILURE() << "answered with " << completion.result->status;
  return {};
}

}  // namespace sluice::http
