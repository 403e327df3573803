#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "support/fake_clock.h"
#include "unit/http/client_harness.h"

namespace sluice::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

Reply ok(const SeenRequest&) { return {}; }
Reply hang(const SeenRequest&) { return {.fault = Fault::hang}; }

// Requests wait in it until it is opened.
class Gate {
 public:
  ScriptedServer::Handler handler() {
    return [opened = opened_.get_future().share()](const SeenRequest&) {
      opened.wait();
      return Reply{};
    };
  }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> opened_;
};

ClientOptions with_connections(std::uint32_t connections) {
  ClientOptions options;
  options.connections = connections;
  return options;
}

// Whether anything is reported when the client is polled for a while.
bool stays_silent(Client& client) {
  std::vector<Completion> completed;
  for (int i = 0; i < 20; ++i) client.poll(1ms, -1, completed);
  return completed.empty();
}

TEST(ClientQueue, AnswersMoreRequestsThanItHasConnections) {
  ScriptedServer server(ok);
  const auto client = make_client(with_connections(3));
  std::set<RequestId> sent;
  for (int i = 0; i < 50; ++i) sent.insert(client->send(post(server.url() + "/")));
  EXPECT_EQ(sent.size(), 50U);
  EXPECT_EQ(client->in_flight(), 50U);
  std::set<RequestId> answered;
  for (const Completion& completion : poll_until(*client, 50)) {
    EXPECT_TRUE(completion.result.has_value());
    answered.insert(completion.id);
  }
  EXPECT_EQ(answered, sent);
  EXPECT_EQ(client->in_flight(), 0U);
  EXPECT_LE(server.connection_count(), 3U);
}

TEST(ClientQueue, StartsRequestsInOrder) {
  ScriptedServer server(ok);
  const auto client = make_client(with_connections(1));
  for (int i = 0; i < 5; ++i) client->send(post(server.url() + "/" + std::to_string(i)));
  poll_until(*client, 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(server.requests().at(static_cast<std::size_t>(i)).path, "/" + std::to_string(i));
  }
}

TEST(ClientQueue, CountsATimeoutFromTheStartOfARequestNotFromItsQueueing) {
  ScriptedServer server(
      [](const SeenRequest& request) { return request.number == 0 ? hang(request) : Reply{}; });
  ClientOptions options = with_connections(1);
  options.timeout = 80ms;
  const auto client = make_client(options);
  client->send(post(server.url() + "/"));
  client->send(post(server.url() + "/"));
  const auto completed = poll_until(*client, 2);
  ASSERT_EQ(completed.size(), 2U);
  EXPECT_EQ(completed[0].result.error().kind, TransportErrorKind::timeout);
  EXPECT_TRUE(completed[1].result.has_value());
}

TEST(ClientQueue, MeasuresElapsedFromTheStartOfARequest) {
  Gate gate;
  ScriptedServer server(gate.handler());
  test::FakeClock clock;
  const auto client = Client::create(with_connections(1), clock).value();
  client->send(post(server.url() + "/"));
  client->send(post(server.url() + "/"));
  clock.advance(7s);  // nothing moves outside poll()
  poll_until_seen(*client, server, 1);
  clock.advance(3s);
  gate.open();
  const auto completed = poll_until(*client, 2);
  ASSERT_EQ(completed.size(), 2U);
  EXPECT_EQ(completed[0].elapsed, 3s);
  EXPECT_EQ(completed[1].elapsed, 0s);
}

TEST(ClientQueue, ACancelledRequestIsNeverReported) {
  ScriptedServer server(
      [](const SeenRequest& request) { return request.path == "/hang" ? hang(request) : Reply{}; });
  const auto client = make_client(with_connections(1));
  auto body = std::make_unique<std::string>(100'000, 'x');

  const RequestId unstarted = client->send(post(server.url() + "/", *body));
  client->cancel(unstarted);
  EXPECT_EQ(client->in_flight(), 0U);

  const RequestId running = client->send(post(server.url() + "/hang", *body));
  const RequestId queued = client->send(post(server.url() + "/", *body));
  poll_until_seen(*client, server, 1);
  client->cancel(queued);
  client->cancel(running);
  EXPECT_EQ(client->in_flight(), 0U);

  body.reset();  // no longer borrowed
  EXPECT_TRUE(stays_silent(*client));
  EXPECT_EQ(server.request_count(), 1U);
  EXPECT_EQ(answer_to(*client, post(server.url() + "/")).status, 200);
}

TEST(ClientQueue, ARequestCancelledAfterItsAnswerCameIsNotReported) {
  Gate gate;
  ScriptedServer server(gate.handler());
  const auto client = make_client();
  const RequestId id = client->send(post(server.url() + "/"));
  poll_until_seen(*client, server, 1);
  gate.open();
  ASSERT_TRUE(server.wait_for_answers(1, 10s));  // it lies in the socket now
  client->cancel(id);
  EXPECT_TRUE(stays_silent(*client));
}

TEST(ClientQueue, CancellingWhatIsOverOrUnknownChangesNothing) {
  ScriptedServer server(ok);
  const auto client = make_client();
  const RequestId done = client->send(post(server.url() + "/"));
  poll_until(*client, 1);
  client->cancel(done);
  client->cancel(done + 1000);
  const RequestId next = client->send(post(server.url() + "/"));
  EXPECT_NE(next, done);
  EXPECT_EQ(poll_until(*client, 1).at(0).id, next);
}

TEST(ClientQueue, AppendsToWhatIsAlreadyCompleted) {
  ScriptedServer server(ok);
  const auto client = make_client();
  std::vector<Completion> completed(1);
  client->send(post(server.url() + "/"));
  while (completed.size() < 2) client->poll(100ms, -1, completed);
  EXPECT_EQ(completed[0].id, 0U);
}

TEST(ClientQueue, AReadableWakeFdEndsTheSleepAndStaysReadable) {
  ScriptedServer server(hang);
  const auto client = make_client();
  client->send(post(server.url() + "/"));
  poll_until_seen(*client, server, 1);
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  const auto before = SteadyClock::now();
  std::thread other([wake] { ::eventfd_write(wake, 1); });
  std::vector<Completion> completed;
  client->poll(60s, wake, completed);
  other.join();
  EXPECT_LT(SteadyClock::now() - before, 30s);
  eventfd_t value = 0;
  EXPECT_EQ(::eventfd_read(wake, &value), 0);
  EXPECT_EQ(value, 1U);
  ::close(wake);
}

TEST(ClientQueue, SleepsAsLongAsMaxWaitWhenNothingHappens) {
  const auto client = make_client();
  std::vector<Completion> completed;
  const auto before = SteadyClock::now();
  client->poll(20ms, -1, completed);
  EXPECT_GE(SteadyClock::now() - before, 20ms);
}

TEST(ClientQueue, RoundsTheSleepUpToAMillisecond) {
  const auto client = make_client();
  std::vector<Completion> completed;
  const auto before = SteadyClock::now();
  for (int i = 0; i < 10; ++i) client->poll(1ns, -1, completed);
  EXPECT_GE(SteadyClock::now() - before, 9ms);
}

TEST(ClientQueue, DoesNotSleepWithoutTime) {
  ScriptedServer server(hang);
  const auto client = make_client();
  client->send(post(server.url() + "/"));
  poll_until_seen(*client, server, 1);
  std::vector<Completion> completed;
  const auto before = SteadyClock::now();
  for (int i = 0; i < 100; ++i) client->poll(0s, -1, completed);
  client->poll(-5s, -1, completed);
  EXPECT_LT(SteadyClock::now() - before, 5s);
}

TEST(ClientQueue, DoesNotSleepOverACompletion) {
  const auto client = make_client();
  Request unsendable = post("http://127.0.0.1/");
  unsendable.headers.push_back({"X", "\n"});
  client->send(std::move(unsendable));
  std::vector<Completion> completed;
  const auto before = SteadyClock::now();
  client->poll(60s, -1, completed);
  EXPECT_EQ(completed.size(), 1U);
  EXPECT_LT(SteadyClock::now() - before, 30s);
}

TEST(ClientQueue, IsDestroyedWithRequestsInFlightWithoutWaiting) {
  ScriptedServer server(hang);
  auto client = make_client(with_connections(2));
  const std::string body(1'000'000, 'x');
  for (int i = 0; i < 4; ++i) client->send(post(server.url() + "/", body));
  poll_until_seen(*client, server, 2);
  const auto before = SteadyClock::now();
  client.reset();
  EXPECT_LT(SteadyClock::now() - before, 5s);
}

}  // namespace
}  // namespace sluice::http
