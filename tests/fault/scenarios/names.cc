// The API has a name, and the name's address comes, goes and changes.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <thread>

#include "fault/hosts.h"
#include "fault/operator.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/tcp_proxy.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kName = "api.sluice.test";
constexpr const char* kHere = "127.0.0.1";
constexpr const char* kElsewhere = "127.0.0.2";

class NamedApi {
 public:
  explicit NamedApi(Run& run) : hosts_(run.dir / "hosts"), trial_(run, run.brokers, setup()) {
    proxy_.retarget(trial_.api().server().port());
  }
  Trial& trial() { return trial_; }

  void is_at(const std::vector<std::string>& addresses) { hosts_.set(kName, addresses); }
  std::uint16_t port() const { return proxy_.port(); }
  std::string first_address() const { return hosts_.first_address(kName); }
  void start_sluice() { trial_.start_sluice({.env = hosts_.env()}); }
  void start() { trial_.start({.env = hosts_.env()}); }

  // Until nobody finds the API where it was.
  void cut_until_named(const std::string& kind) {
    trial_.api().doubt(true);  // answers may be cut off
    const auto named = [&] {
      proxy_.cut();
      return says(trial_.sluice(), kind, milliseconds(200));
    };
    Trial::require(test::eventually(named, seconds(30)), "/status does not say: " + kind);
    trial_.api().doubt(false);
  }
  // It is to be found by its new address soon, however long the old one was known.
  void flow_again() {
    trial_.heal();
    Trial::require(trial_.flows(seconds(20)), "nothing flows 20 s after the name leads to the API");
  }

 private:
  Setup setup() const {
    Setup made;
    made.url = fmt::format("http://{}:{}", kName, proxy_.port());
    made.target = "tls: off, connect_timeout: 1s";
    made.timeouts = "timeout: 2s, circuit_breaker: {open_for: 1s, max_open_for: 2s}";
    return made;
  }

  Hosts hosts_;
  test::TcpProxy proxy_;
  Trial trial_;
};

void come_late(Run& run) {
  NamedApi api(run);
  api.trial().feed().start();
  api.start_sluice();
  Trial::require(says(api.trial().sluice(), "resolve: "),
                 "/status does not say that there is no name");
  api.is_at({kElsewhere});
  Trial::require(says(api.trial().sluice(), "connect: "),
                 "/status does not say that nobody is there");
  api.is_at({kHere});
  api.flow_again();
  api.trial().finish();
}

void move_away_and_back(Run& run) {
  NamedApi api(run);
  const DeafHost deaf(kElsewhere, api.port());
  api.is_at({kHere});
  api.start();
  api.is_at({kElsewhere});
  api.cut_until_named("connect: ");
  const std::size_t before = api.trial().api().batch_count();
  std::this_thread::sleep_for(seconds(2));
  Trial::require(api.trial().api().batch_count() == before, "requests go where the API was");
  api.is_at({kHere});
  api.flow_again();
  api.trial().finish();
}

void vanish(Run& run) {
  NamedApi api(run);
  api.is_at({kHere});
  api.start();
  api.is_at({});
  api.cut_until_named("resolve: ");
  std::this_thread::sleep_for(seconds(5));
  api.is_at({kHere});
  api.flow_again();
  api.trial().finish();
}

void have_a_dead_address(Run& run, bool deaf) {
  NamedApi api(run);
  std::optional<DeafHost> host;
  if (deaf) host.emplace(kElsewhere, api.port());
  api.is_at({kElsewhere, kHere});
  Trial::require(api.first_address() == kElsewhere, "the good address is tried first");
  const Doorbell doorbell(kElsewhere, api.port());
  api.start();
  const std::size_t rings = doorbell.rings();
  api.trial().note(fmt::format("{} attempts to connect to the address that does not work", rings));
  Trial::require(rings != 0, "nobody tried the address that does not work");
  api.trial().finish();
}

}  // namespace

std::vector<Scenario> name_scenarios() {
  return {{.name = "name-comes-late",
           .weight = Weight::quick,
           .cases = {22},
           .what = "the API's name is unknown, then leads to nobody, then to the API",
           .play = come_late},
          {.name = "name-moves",
           .weight = Weight::full,
           .cases = {22},
           .what = "the name leads to a host that swallows packets, then back",
           .play = move_away_and_back},
          {.name = "name-vanishes",
           .weight = Weight::full,
           .cases = {22},
           .what = "the name is unknown for 5 s",
           .play = vanish},
          {.name = "name-half-dead",
           .weight = Weight::quick,
           .cases = {22},
           .what = "two addresses, the first of which refuses",
           .play = [](Run& run) { have_a_dead_address(run, false); }},
          {.name = "name-half-deaf",
           .weight = Weight::quick,
           .cases = {22},
           .what = "two addresses, the first of which swallows packets",
           .play = [](Run& run) { have_a_dead_address(run, true); }}};
}

}  // namespace sluice::fault
