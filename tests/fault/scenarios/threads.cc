// The system has no threads left for Sluice, as a limit of processes or of a pod does.
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "fault/outage.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "support/eventually.h"
#include "support/tcp_proxy.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kNoThread = "cannot start a thread: Resource temporarily unavailable";
constexpr int kMostThreads = 100;

// A user that nobody else is, or their threads would count. `which`: each scenario has its own.
unsigned user(unsigned which) {
  return 20'000 + 2 * (static_cast<unsigned>(::getpid()) % 20'000) + which;
}

// Threads of a user, as many as it may have: no other can be started meanwhile.
class Crowd {
 public:
  explicit Crowd(unsigned user) {
    for (int i = 0; i < kMostThreads; ++i) {
      threads_.emplace_back([this, user] {
        // Of this thread alone, unlike ::setresuid().
        if (::syscall(SYS_setresuid, user, user, user) != 0) refused_ = true;
        there_.count_down();
        end_.wait();
      });
    }
    there_.wait();
  }
  ~Crowd() {
    end_.count_down();
    for (auto& thread : threads_) thread.join();
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void require() const { Trial::require(!refused_, "cannot be another user (this needs root)"); }

 private:
  std::atomic<bool> refused_ = false;
  std::latch there_{kMostThreads};
  std::latch end_{1};
  std::vector<std::thread> threads_;
};

// A root without the powers that make it one, which limits of threads hold.
test::SluiceOptions with_threads(unsigned user, int most) {
  return {.prefix = {"setpriv", fmt::format("--reuid={}", user), "--clear-groups",
                     "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override",
                     "prlimit", fmt::format("--nproc={}", most)}};
}

// True: it runs. False: it has said what is missing, and ended as it should.
bool runs_with(const std::string& config, int threads) {
  test::SluiceProcess few(config, with_threads(user(0), threads));
  const auto runs = [&] { return !few.events("partitions_assigned").empty(); };
  test::eventually([&] { return runs() || !few.running(); }, seconds(20));
  const auto status = few.wait(milliseconds(0));
  if (!status) {
    Trial::require(runs(), fmt::format("with {} threads it hangs at the start", threads));
    return true;
  }
  Trial::require(status->signal == 0 && status->code == 1,
                 fmt::format("with {} threads it ends with signal {}, code {}: {}", threads,
                             status->signal, status->code, few.log()));
  for (const char* said : {kNoThread, "ulimit -u", "more threads are needed"}) {
    Trial::require(few.log().find(said) != std::string::npos,
                   fmt::format("with {} threads it does not say {}: {}", threads, said, few.log()));
  }
  return false;
}

// At each number of threads it either runs or says why it cannot, and ends.
void take_threads_away(Run& run) {
  Trial trial(run, run.brokers);
  trial.feed().start();
  const std::string config = fmt::format(
      "kafka: {{brokers: ['{}']}}\nadmin: {{listen: '127.0.0.1:0'}}\nlog: {{format: json}}\n"
      "targets:\n  api: {{base_url: '{}'}}\npipelines:\n  p: {{topics: [{}], group: {}-few, "
      "target: api, path: /nobody, dead_letter: none}}\n",
      trial.brokers(), trial.api().url(), trial.topic(), trial.topic());
  constexpr int kEnough = 60;
  int threads = 1;
  while (threads < kEnough && !runs_with(config, threads)) ++threads;
  Trial::require(threads > 1, "no limit of threads has any effect");
  Trial::require(threads < kEnough, "it does not start with enough threads");
  for (const int more : {1, 2, 3}) {
    Trial::require(runs_with(config, threads + more), "it runs with fewer, and not with more");
  }
  trial.note(
      fmt::format("says why it ends with 1 to {} threads, runs with {}", threads - 1, threads));
  trial.start_sluice();
  trial.finish();
}

// Its brokers are known by an address that it hears of only when there are no more threads: none
// for them, none for a new consumer.
void take_threads_away_later(Run& run) {
  test::TcpProxy way(
      static_cast<std::uint16_t>(std::stoi(run.brokers.substr(run.brokers.rfind(':') + 1))));
  way.set(test::Trouble::refuse());
  Trial trial(run, run.brokers, {.brokers = fmt::format("127.0.0.1:{}", way.port())});
  trial.feed().start();
  auto& sluice = trial.start_sluice(with_threads(user(1), kMostThreads));
  Trial::require(sluice.wait_for_event("pipeline_started", seconds(10)), "it does not start");
  {
    const Crowd crowd(user(1));
    crowd.require();
    way.heal();
    Trial::require(trial.shows(kNoThread), "/status does not say that there is no thread");
    std::this_thread::sleep_for(seconds(8));  // some tries
    Trial::require(trial.shows(kNoThread), "/status no longer says that there is no thread");
    Trial::require(sluice.events("partitions_assigned").empty(), "it has threads");
  }
  Trial::require(trial.flows(), "nothing flows when there are threads again");
  const Crowd crowd(user(1));
  while_down(trial, [] {});
  Trial::require(trial.flows(), "nothing flows with the threads it has");
  trial.finish();
}

}  // namespace

std::vector<Scenario> thread_scenarios() {
  return {{.name = "threads-none",
           .weight = Weight::full,
           .cases = {51},
           .what = "no more threads at the start, at each limit; says so and ends",
           .play = take_threads_away},
          {.name = "threads-none-later",
           .weight = Weight::full,
           .cases = {51},
           .what = "no more threads while it starts to read; says so, and goes on when there are",
           .play = take_threads_away_later}};
}

}  // namespace sluice::fault
