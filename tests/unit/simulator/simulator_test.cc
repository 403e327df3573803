// Over real HTTP on a free port.
#include "simulator/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/system_clock.h"
#include "samples.h"
#include "support/byte_stream.h"

namespace sluice::simulator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kDeposit = "/apigw/ingest/events/deposit";

class SimulatorTest : public testing::Test {
 protected:
  SimulatorTest() {
    options_.credentials = credentials();
    options_.latency = Duration::zero();
    options_.on_accepted = [this](const EventType&, std::string_view id) {
      const std::lock_guard lock(mutex_);
      accepted_.emplace(id);
    };
  }
  void start() {
    auto simulator = Simulator::start(options_, clock_);
    ASSERT_TRUE(simulator) << simulator.error().text();
    simulator_ = std::move(*simulator);
  }
  httplib::Client client() const { return httplib::Client("127.0.0.1", simulator_->port()); }
  httplib::Result post(const std::string& body, const char* path = kDeposit) const {
    return post_through(client(), body, path);
  }
  httplib::Result post_through(httplib::Client&& http, const std::string& body,
                               const char* path = kDeposit) const {
    httplib::Headers headers;
    for (const auto& [name, value] : signed_headers(options_.credentials, body)) {
      headers.emplace(name, value);
    }
    return http.Post(path, headers, body, "application/json");
  }
  // The answer to a request whose very bytes matter.
  std::string raw(const std::string& request_line) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(simulator_->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    const auto stream = test::plain_stream(socket);
    EXPECT_TRUE(stream->write(request_line + " HTTP/1.1\r\nConnection: close\r\n\r\n"));
    std::string answer;
    char part[4096];
    while (const std::size_t got = stream->read(part, sizeof(part))) answer.append(part, got);
    ::close(socket);
    return answer;
  }
  int status_of(const httplib::Result& result) const { return result ? result->status : 0; }
  std::multiset<std::string> accepted() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

  SystemClock clock_;
  Options options_;
  std::unique_ptr<Simulator> simulator_;
  mutable std::mutex mutex_;
  std::multiset<std::string> accepted_;
};

TEST_F(SimulatorTest, SaysWhereItListens) {
  start();
  EXPECT_EQ(simulator_->base_url(),
            "http://127.0.0.1:" + std::to_string(simulator_->port()) + "/apigw/ingest");
}

TEST_F(SimulatorTest, TakesASignedBatch) {
  start();
  const auto result = post(deposits(2));
  ASSERT_EQ(status_of(result), 200);
  EXPECT_THAT(result->body, HasSubstr(R"("count":2)"));
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(accepted(), (std::multiset<std::string>{"id-0", "id-1"}));
}

TEST_F(SimulatorTest, AnswersWithTheStatusesOfTheApi) {
  options_.requests_per_second = 2;
  start();
  EXPECT_EQ(status_of(client().Post(kDeposit, deposits(1), "application/json")), 401);
  EXPECT_EQ(status_of(post(deposits(1), "/apigw/ingest/events/nothing")), 404);
  EXPECT_EQ(status_of(client().Get(kDeposit)), 404);
  EXPECT_EQ(status_of(post("[")), 400);
  EXPECT_EQ(status_of(post(deposits(1))), 200);
  const auto throttled = post(deposits(1));
  EXPECT_EQ(status_of(throttled), 429);
  EXPECT_EQ(throttled->get_header_value("Retry-After"), "1");
  const Counts counts = simulator_->counts();
  EXPECT_EQ(counts.requests, 5U);
  EXPECT_EQ(counts.unauthorized, 1U);
  EXPECT_EQ(counts.refused_requests, 2U);
  EXPECT_EQ(counts.throttled, 1U);
}

TEST_F(SimulatorTest, ABodyAboveSixMebibytesIsRefusedAndCounted) {
  start();
  const std::size_t most = std::size_t{6} * 1024 * 1024;
  for (const std::size_t size : {most + 1, most + 2}) {
    const auto result = post(std::string(size, ' '));
    ASSERT_EQ(status_of(result), 413) << size;
    EXPECT_THAT(result->body, HasSubstr(R"("error":"Payload Too Large")")) << size;
  }
  EXPECT_EQ(simulator_->counts().refused_requests, 2U);
}

TEST_F(SimulatorTest, AConnectionServesManyRequests) {
  start();
  httplib::Client http = client();
  http.set_keep_alive(true);
  http.set_tcp_nodelay(true);
  for (int i = 0; i < 20; ++i) {
    const auto result = post_through(std::move(http), deposits(1, i));
    ASSERT_EQ(status_of(result), 200);
    EXPECT_NE(result->get_header_value("Connection"), "close");
  }
  EXPECT_EQ(accepted().size(), 20U);
}

TEST_F(SimulatorTest, ACompressedBodyIsRefused) {
  start();
  httplib::Client http = client();
  http.set_compress(true);
  EXPECT_EQ(status_of(post_through(std::move(http), deposits(20))), 415);
}

TEST_F(SimulatorTest, HealthNeedsNoSignatureAndFallsWithTheApi) {
  start();
  EXPECT_EQ(status_of(client().Get("/apigw/ingest/datapipeline/health")), 200);
  simulator_->set_fault(Fault::unauthorized);
  EXPECT_EQ(status_of(client().Get("/apigw/ingest/datapipeline/health")), 200);
  simulator_->set_fault(Fault::outage);
  EXPECT_EQ(status_of(client().Get("/apigw/ingest/datapipeline/health")), 503);
}

TEST_F(SimulatorTest, AnOutageIsHtmlAndTakesNothing) {
  start();
  simulator_->set_fault(Fault::outage);
  const auto result = post(deposits(1));
  ASSERT_EQ(status_of(result), 503);
  EXPECT_EQ(result->get_header_value("Content-Type"), "text/html");
  EXPECT_FALSE(result->has_header("Retry-After"));
  EXPECT_TRUE(accepted().empty());
}

TEST_F(SimulatorTest, FaultsAreSetReadAndHealedOverHttp) {
  start();
  const auto set = client().Put("/simulator/fault/poison");
  ASSERT_EQ(status_of(set), 200);
  EXPECT_THAT(set->body, StartsWith(R"({"fault":"poison")"));
  EXPECT_EQ(simulator_->fault(), Fault::poison);
  const auto unknown = client().Put("/simulator/fault/flood");
  ASSERT_EQ(status_of(unknown), 400);
  EXPECT_THAT(unknown->body, HasSubstr("none, outage, throttle, poison, unauthorized, slow"));
  EXPECT_EQ(simulator_->fault(), Fault::poison);
  EXPECT_EQ(status_of(client().Delete("/simulator/fault")), 200);
  EXPECT_EQ(simulator_->fault(), Fault::none);
  const auto report = client().Get("/simulator");
  ASSERT_EQ(status_of(report), 200);
  EXPECT_THAT(report->body, HasSubstr(R"("endpoints":{"customers")"));
}

TEST_F(SimulatorTest, ControlTakesRequestsThatAnnounceNoBody) {
  start();
  EXPECT_THAT(raw("PUT /simulator/fault/slow"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(simulator_->fault(), Fault::slow);
  EXPECT_THAT(raw("DELETE /simulator/fault"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(simulator_->fault(), Fault::none);
  EXPECT_THAT(raw("PUT /elsewhere"), StartsWith("HTTP/1.1 404"));
}

// A slow answer would take 3 s: the record is taken first, so the test knows when it waits.
TEST_F(SimulatorTest, HealingReleasesASlowAnswer) {
  std::promise<void> taken;
  options_.on_accepted = [&taken](const EventType&, std::string_view) { taken.set_value(); };
  start();
  simulator_->set_fault(Fault::slow);
  const Instant began = clock_.now();
  auto answer = std::async(std::launch::async, [this] { return status_of(post(deposits(1))); });
  taken.get_future().wait();
  EXPECT_EQ(answer.wait_for(milliseconds(30)), std::future_status::timeout);
  simulator_->set_fault(Fault::none);
  EXPECT_EQ(answer.get(), 200);
  EXPECT_LT(clock_.now() - began, milliseconds(2500));
}

TEST_F(SimulatorTest, TheEndReleasesASlowAnswer) {
  std::promise<void> taken;
  options_.on_accepted = [&taken](const EventType&, std::string_view) { taken.set_value(); };
  start();
  simulator_->set_fault(Fault::slow);
  const Instant began = clock_.now();
  auto answer = std::async(std::launch::async, [this] { return status_of(post(deposits(1))); });
  taken.get_future().wait();
  simulator_.reset();
  EXPECT_EQ(answer.get(), 200);
  EXPECT_LT(clock_.now() - began, milliseconds(2900));
}

TEST_F(SimulatorTest, AnswersAfterItsLatency) {
  options_.latency = milliseconds(30);
  start();
  const Instant began = clock_.now();
  EXPECT_EQ(status_of(post(deposits(1))), 200);
  EXPECT_GE(clock_.now() - began, milliseconds(30));
}

TEST_F(SimulatorTest, ManyConnectionsAtOnceLoseNothing) {
  start();
  std::atomic<int> taken = 0;
  std::vector<std::thread> clients;
  for (int number = 0; number < 16; ++number) {
    clients.emplace_back([this, number, &taken] {
      for (int i = 0; i < 5; ++i) {
        if (status_of(post(deposits(10, number * 1000 + i * 10))) == 200) ++taken;
      }
    });
  }
  for (std::thread& thread : clients) thread.join();
  EXPECT_EQ(taken, 80);
  const auto ids = accepted();
  EXPECT_EQ(ids.size(), 800U);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 800U);
  EXPECT_EQ(simulator_->counts().accepted_records, 800U);
}

TEST_F(SimulatorTest, ATakenPortIsSaidWithARemedy) {
  start();
  options_.port = simulator_->port();
  const auto second = Simulator::start(options_, clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text(), "cannot listen on 127.0.0.1:" + std::to_string(options_.port) +
                                       ": address in use; stop the other process or choose "
                                       "another port");
}

TEST_F(SimulatorTest, AnAddressOfAnotherMachineIsSaid) {
  options_.host = "192.0.2.1";
  const auto simulator = Simulator::start(options_, clock_);
  ASSERT_FALSE(simulator);
  EXPECT_THAT(simulator.error().cause, HasSubstr("not an address of this machine"));
}

}  // namespace
}  // namespace sluice::simulator
