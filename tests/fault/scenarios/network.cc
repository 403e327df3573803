// The ways to the API and to Kafka, broken in each way a network can be.
#include <fmt/format.h>

#include <functional>
#include <string>
#include <thread>

#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/tcp_proxy.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::TcpProxy;
using test::Trouble;

constexpr const char* kShortSession =
    "session.timeout.ms: 6000, heartbeat.interval.ms: 500, socket.timeout.ms: 10000, "
    "reconnect.backoff.max.ms: 1000";
constexpr const char* kLongSession = "session.timeout.ms: 45000";
constexpr const char* kFlowing = "\"state\": \"flowing\"";
constexpr const char* kBreakerOpen = "\"state\": \"breaker_open\"";

// Resets all connections each 500 ms, for so long.
void cut_again_and_again(TcpProxy& proxy, seconds time) {
  const auto end = steady_clock::now() + time;
  while (steady_clock::now() < end) {
    proxy.cut();
    std::this_thread::sleep_for(milliseconds(500));
  }
}

// The API stands behind a proxy; Kafka is the shared one.
class ApiWay {
 public:
  ApiWay(Run& run, Setup setup) : trial_(run, run.brokers, behind(std::move(setup))) {
    proxy_.retarget(trial_.api().server().port());
  }
  Trial& trial() { return trial_; }
  TcpProxy& proxy() { return proxy_; }

  void break_it(const Trouble& trouble) {
    trial_.api().doubt(true);  // answers may be lost
    // A partition sends its next request when it has the answer to the one before: none from
    // before the doubt is still on its way.
    Trial::require(trial_.flows(), "nothing flows");
    proxy_.set(trouble);
  }
  // Requests that the network still had arrive now, and nobody waits for their answers.
  void mend() {
    proxy_.heal();
    trial_.heal();
    Trial::require(trial_.flows(), "nothing flows over the mended network");
    trial_.api().doubt(false);
  }

 private:
  Setup behind(Setup setup) const {
    setup.url = fmt::format("http://127.0.0.1:{}", proxy_.port());
    return setup;
  }

  TcpProxy proxy_;
  Trial trial_;
};

// Records arrive in spite of it.
void worsen_api_way(Run& run, const Trouble& trouble, const Setup& setup) {
  ApiWay way(run, setup);
  way.trial().start();
  way.proxy().set(trouble);
  for (int i = 0; i < 3; ++i) {
    Trial::require(way.trial().flows(), "nothing flows over the bad network");
  }
  way.mend();
  way.trial().finish();
}

// Nothing can arrive, and `/status` says what kind of failure that is; few requests go into it.
void break_api_way(Run& run, const Trouble& trouble, seconds time, const std::string& kind,
                   const Setup& setup) {
  ApiWay way(run, setup);
  Trial& trial = way.trial();
  trial.start();
  way.break_it(trouble);
  const auto end = steady_clock::now() + time;
  Trial::require(says(trial.sluice(), kBreakerOpen),
                 "/status does not say that the breaker opened");
  Trial::require(says(trial.sluice(), kind, seconds(5)), "/status does not say: " + kind);
  const std::size_t tried = way.proxy().accepted();
  std::this_thread::sleep_until(end);
  trial.note(
      fmt::format("{} connections while the breaker was open", way.proxy().accepted() - tried));
  way.mend();
  trial.finish();
}

void reset_api_connections(Run& run) {
  ApiWay way(run, {.api = {.work = milliseconds(50)}});
  way.trial().start();
  way.trial().api().doubt(true);
  const std::size_t before = way.proxy().accepted();
  cut_again_and_again(way.proxy(), seconds(8));
  Trial::require(way.proxy().accepted() > before + 5, "connections are not made anew");
  way.mend();
  way.trial().finish();
}

// Kafka of its own, behind a proxy.
class KafkaWay {
 public:
  KafkaWay(Run& run, Setup setup)
      : broker_({}, {}, proxy_.port()), trial_(run, broker_.brokers(), behind(std::move(setup))) {
    proxy_.retarget(broker_.proxied_port());
  }
  Trial& trial() { return trial_; }
  TcpProxy& proxy() { return proxy_; }

  void mend() {
    proxy_.heal();
    trial_.heal();
    Trial::require(trial_.flows(), "nothing flows over the mended network");
    Trial::require(says(trial_.sluice(), kFlowing), "records flow, and /status does not say so");
  }

 private:
  Setup behind(Setup setup) const {
    setup.brokers = fmt::format("127.0.0.1:{}", proxy_.port());
    return setup;
  }

  TcpProxy proxy_;
  test::KafkaBroker broker_;
  Trial trial_;
};

void worsen_kafka_way(Run& run, const Trouble& trouble) {
  KafkaWay way(run, {.kafka = kLongSession});
  way.trial().start();
  way.proxy().set(trouble);
  for (int i = 0; i < 3; ++i) {
    Trial::require(way.trial().flows(), "nothing flows over the bad network");
  }
  way.mend();
  way.trial().finish();
}

void break_kafka_way(Run& run, const Trouble& trouble, seconds time, const Setup& setup,
                     const Allowed& allowed) {
  KafkaWay way(run, setup);
  Trial& trial = way.trial();
  trial.start();
  way.proxy().set(trouble);
  const auto end = steady_clock::now() + time;
  const auto named = [&] { return trial.sluice().status().find(kFlowing) == std::string::npos; };
  Trial::require(test::eventually(named, time, milliseconds(50)),
                 "/status says that records flow over a broken network");
  std::this_thread::sleep_until(end);
  way.mend();
  trial.finish(allowed);
}

// The session is long: a broken connection is no lost membership.
void reset_kafka_connections(Run& run) {
  // No response may be larger than the pieces.
  KafkaWay way(run, {.kafka = std::string(kLongSession) + ", fetch.message.max.bytes: 2000"});
  way.trial().start();
  const std::size_t before = way.proxy().accepted();
  cut_again_and_again(way.proxy(), seconds(8));
  Trial::require(way.proxy().accepted() > before + 5, "connections are not made anew");
  way.proxy().set(Trouble::reset_after(20'000));
  Trial::require(way.trial().flows(), "nothing flows in pieces of 20 KB");
  way.mend();
  way.trial().finish();
}

Setup slow_timeouts(const std::string& timeout) {
  Setup setup;
  setup.timeouts = "timeout: " + timeout + ", circuit_breaker: {open_for: 1s}";
  return setup;
}

// 100 KB a request.
Setup big_batches(const std::string& timeout) {
  Setup setup = slow_timeouts(timeout);
  setup.padding = 2000;
  setup.per_second = 100;
  return setup;
}

Scenario api(const std::string& name, Weight weight, std::vector<int> cases,
             const std::string& what, std::function<void(Run&)> play) {
  return {.name = "api-way-" + name,
          .weight = weight,
          .cases = std::move(cases),
          .what = "the network to the API: " + what,
          .play = std::move(play)};
}

std::vector<Scenario> of_the_api() {
  const auto bad = [](const Trouble& trouble, const Setup& setup) {
    return [=](Run& run) { worsen_api_way(run, trouble, setup); };
  };
  const auto broken = [](const Trouble& trouble, seconds time, const std::string& kind,
                         const Setup& setup = {}) {
    return [=](Run& run) { break_api_way(run, trouble, time, kind, setup); };
  };
  using enum Weight;
  return {
      api("latency", quick, {20}, "200 ms longer each way",
          bad(Trouble::latency(milliseconds(200)), {})),
      api("latency-2s", full, {20}, "a round trip of 2 s",
          bad(Trouble::latency(seconds(1)), slow_timeouts("10s"))),
      api("trickle", quick, {25},
          "1 byte a second; nothing gets through in time, and that is named",
          broken(Trouble::trickle(1), seconds(6), "timeout")),
      api("blackhole", quick, {22, 26}, "no byte moves for 8 s, old and new connections",
          broken(Trouble::blackhole(), seconds(8), "timeout")),
      api("half-open", quick, {26}, "requests arrive, answers do not, for 8 s",
          broken(Trouble::half_open(), seconds(8), "timeout")),
      api("refused", quick, {22}, "refused for 8 s",
          broken(Trouble::refuse(), seconds(8), "connect")),
      api("reset-in-body", quick, {27}, "each connection is reset inside the request",
          broken(Trouble::reset_after(1500), seconds(6), "reset", big_batches("10s"))),
      api("resets", quick, {27}, "all connections are reset every 500 ms", reset_api_connections),
      api("narrow", full, {36}, "10 KB/s and 100 KB a request: longer than timeout, and named",
          broken(Trouble::trickle(10'000), seconds(20), "timeout", big_batches("2s"))),
      api("narrow-patient", full, {36}, "10 KB/s and 100 KB a request, timeout long enough",
          bad(Trouble::trickle(10'000), big_batches("60s")))};
}

Scenario kafka(const std::string& name, Weight weight, std::vector<int> cases,
               const std::string& what, std::function<void(Run&)> play) {
  return {.name = "kafka-way-" + name,
          .weight = weight,
          .cases = std::move(cases),
          .what = "the network to Kafka: " + what,
          .play = std::move(play)};
}

std::vector<Scenario> of_kafka() {
  const auto bad = [](const Trouble& trouble) {
    return [=](Run& run) { worsen_kafka_way(run, trouble); };
  };
  // With a session that ends meanwhile, and with one that does not.
  const auto costly = [](const Trouble& trouble, seconds time) {
    return [=](Run& run) {
      break_kafka_way(run, trouble, time, {.kafka = kShortSession}, {.losses = 1});
    };
  };
  const auto broken = [](const Trouble& trouble, seconds time) {
    return [=](Run& run) { break_kafka_way(run, trouble, time, {.kafka = kLongSession}, {}); };
  };
  using enum Weight;
  return {kafka("latency", quick, {20}, "200 ms longer each way",
                bad(Trouble::latency(milliseconds(200)))),
          kafka("latency-2s", full, {20}, "a round trip of 2 s", bad(Trouble::latency(seconds(1)))),
          kafka("resets", full, {1}, "all connections are reset every 500 ms, then each 20 KB",
                reset_kafka_connections),
          kafka("refused", full, {1}, "refused for 8 s", broken(Trouble::refuse(), seconds(8))),
          kafka("blackhole", quick, {2, 11}, "no byte moves for 10 s, longer than a session",
                costly(Trouble::blackhole(), seconds(10))),
          kafka("blackhole-kept", full, {2}, "no byte moves for 10 s, shorter than a session",
                broken(Trouble::blackhole(), seconds(10))),
          kafka("half-open", full, {2, 11}, "requests arrive, answers do not, for 10 s",
                costly(Trouble::half_open(), seconds(10))),
          kafka("trickle", full, {2}, "1 byte a second for 20 s",
                costly(Trouble::trickle(1), seconds(20)))};
}

}  // namespace

std::vector<Scenario> network_scenarios() {
  std::vector<Scenario> all = of_the_api();
  for (auto& scenario : of_kafka()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace sluice::fault
