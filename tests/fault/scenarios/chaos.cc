// Everything at once, from a seed.
#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <utility>

#include "fault/disturbance.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/wall_time.h"
#include "support/kafka_broker.h"
#include "support/tcp_proxy.h"

namespace sluice::fault {
namespace {

using test::Fault;
using test::Trouble;

constexpr const char* kKafka =
    "session.timeout.ms: 6000, heartbeat.interval.ms: 500, socket.timeout.ms: 10000, "
    "reconnect.backoff.max.ms: 1000";

// In which a membership that a fault has cost is noticed and taken over: a session, and some more.
constexpr std::int64_t kAfterwardsMs = 15'000;

class Chaos {
 public:
  Chaos(Run& run, const Setup& setup)
      : broker_({}, {}, kafka_proxy_.port()), trial_(run, broker_.brokers(), behind(setup)) {
    kafka_proxy_.retarget(broker_.proxied_port());
    api_proxy_.retarget(trial_.api().server().port());
  }

  Trial& trial() { return trial_; }

  std::vector<Disturbance> all() {
    std::vector<Disturbance> all;
    add_of_api(all);
    add_of_network(all);
    add_of_broker(all);
    add_of_members(all);
    return all;
  }

 private:
  Setup behind(Setup setup) const {
    setup.brokers = fmt::format("127.0.0.1:{}", kafka_proxy_.port());
    setup.url = fmt::format("http://127.0.0.1:{}", api_proxy_.port());
    return setup;
  }

  void add_of_api(std::vector<Disturbance>& all) {
    const auto add = [&](const std::string& name, const Mood& mood) {
      all.push_back({.name = "the API: " + name,
                     .of = "api",
                     .least_seconds = 0.5,
                     .most_seconds = 6,
                     .begin = [this, mood] { trial_.api().misbehave(mood); },
                     .end = [this] { trial_.api().misbehave(nullptr); }});
    };
    add("503", always({.status = 503}));
    add("429", always({.status = 429, .headers = {{"Retry-After", "1"}}}));
    add("401", always({.status = 401}));
    add("no answer", always({.fault = Fault::hang}));
    add("reset", always({.fault = Fault::reset_after_request}));
    add("takes and resets", takes_but(Fault::reset_after_request));
    add("half an answer", takes_but(Fault::half_answer));
    add("not HTTP", always({.fault = Fault::garbage}));
    add("closes after each answer", takes_but(Fault::close_after_answer));
  }

  void add_of_network(std::vector<Disturbance>& all) {
    const auto add = [&](const std::string& of, test::TcpProxy& proxy, const std::string& name,
                         const Trouble& trouble) {
      const bool may_cost = &proxy == &kafka_proxy_ && trouble.kind != Trouble::Kind::latency;
      Disturbance made = {.name = "the way to " + of + ": " + name,
                          .of = "way to " + of,
                          .least_seconds = 0.5,
                          .most_seconds = 6,
                          .begin = [this, &proxy, trouble] { break_way(proxy, trouble); },
                          .end = [this, &proxy] { mend_way(proxy); }};
      all.push_back(may_cost ? costly(std::move(made)) : std::move(made));
    };
    for (const auto& [of, proxy] : {std::pair{std::string("the API"), &api_proxy_},
                                    std::pair{std::string("Kafka"), &kafka_proxy_}}) {
      add(of, *proxy, "100 ms longer", Trouble::latency(std::chrono::milliseconds(100)));
      add(of, *proxy, "a black hole", Trouble::blackhole());
      add(of, *proxy, "half open", Trouble::half_open());
      add(of, *proxy, "refused", Trouble::refuse());
      add(of, *proxy, "a reset each 20 KB", Trouble::reset_after(20'000));
    }
  }

  // Answers that are on a broken way may not arrive.
  void break_way(test::TcpProxy& proxy, const Trouble& trouble) {
    if (&proxy == &api_proxy_) trial_.api().doubt(true);
    proxy.set(trouble);
  }
  void mend_way(test::TcpProxy& proxy) {
    // What a client has given up long ago must not arrive now: another member may have sent it, and
    // committed (a network can do that; api-way-blackhole has it).
    if (&proxy == &api_proxy_) proxy.cut();
    proxy.heal();
    if (&proxy == &api_proxy_) trial_.api().doubt(false);
  }

  // It may cost a membership while it lasts, and afterwards.
  Disturbance costly(Disturbance made) {
    const auto began = std::make_shared<std::int64_t>(0);
    made.begin = [began, begin = std::move(made.begin)] {
      *began = now_ms();
      begin();
    };
    made.end = [this, began, end = std::move(made.end)] {
      end();
      trial_.note_loss({*began, now_ms() + kAfterwardsMs});
    };
    return made;
  }

  void add_of_broker(std::vector<Disturbance>& all) {
    all.push_back(costly({.name = "the broker is killed",
                          .of = "broker",
                          .least_seconds = 0.1,
                          .most_seconds = 8,
                          .begin = [this] { broker_.kill(); },
                          .end = [this] { broker_.start(); }}));
    all.push_back(costly({.name = "the broker stands still",
                          .of = "broker",
                          .least_seconds = 1,
                          .most_seconds = 10,
                          .begin = [this] { broker_.pause(); },
                          .end = [this] { broker_.resume(); }}));
  }

  void add_of_members(std::vector<Disturbance>& all) {
    all.push_back({.name = "a member is killed",
                   .of = "members",
                   .least_seconds = 0.1,
                   .most_seconds = 2,
                   .begin = [this] { trial_.kill_sluice(); },
                   .end = [this] { trial_.start_sluice(); }});
    all.push_back({.name = "a member ends in good order",
                   .of = "members",
                   .least_seconds = 0.1,
                   .most_seconds = 4,
                   .begin = [this] { trial_.end_the_oldest(); },
                   .end = [this] { trial_.start_sluice(); }});
    all.push_back(costly({.name = "a member stands still",
                          .of = "members",
                          .least_seconds = 1,
                          .most_seconds = 10,
                          .begin = [this] { trial_.sluice().signal(SIGSTOP); },
                          .end = [this] { trial_.sluice().signal(SIGCONT); }}));
    all.push_back({.name = "one member more",
                   .of = "members",
                   .least_seconds = 1,
                   .most_seconds = 8,
                   .begin = [this] { trial_.start_sluice(); },
                   .end = [this] { trial_.end_the_oldest(); }});
  }

  test::TcpProxy kafka_proxy_;
  test::TcpProxy api_proxy_;
  test::KafkaBroker broker_;
  Trial trial_;
};

void play(Run& run, const Setup& setup, Allowed allowed) {
  Chaos chaos(run, setup);
  chaos.trial().start();
  chaos.trial().start_sluice();
  const std::vector<Disturbance> all = chaos.all();
  std::ofstream told(run.dir / "chaos.log");
  const auto say = [&](const std::string& line) { told << line << std::endl; };
  const auto counts =
      play_chaos(all, {.seed = run.seed, .seconds = static_cast<double>(run.time.count())}, say);
  allowed.recovery_seconds = 180;  // what has piled up comes first
  std::string played = fmt::format("seed {}, {} s:", run.seed, run.time.count());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (counts[i] != 0) played += fmt::format(" {} x {};", counts[i], all[i].name);
  }
  chaos.trial().note(played);
  chaos.trial().finish(allowed);
}

}  // namespace

std::vector<Scenario> chaos_scenarios() {
  const auto setup = [](int keys, const std::string& order) {
    Setup made;
    made.per_second = 600;
    made.keys = keys;
    made.order = order;
    made.poison_every = 200;
    made.kafka = kKafka;
    return made;
  };
  return {{.name = "chaos",
           .weight = Weight::full,
           .cases = {1, 2, 9, 10, 11, 22, 26, 27, 46},
           .what = "all faults at random from --seed, for --minutes",
           .play = [=](Run& run) { play(run, setup(0, "partition"), {}); }},
          {.name = "chaos-keys",
           .weight = Weight::full,
           .cases = {10, 11, 46},
           .what = "the same with order: key",
           // Each owner that dies before the next commit may have sent other keys.
           .play = [=](Run& run) { play(run, setup(20, "key"), {.unconfirmed_records = 1600}); }}};
}

}  // namespace sluice::fault
