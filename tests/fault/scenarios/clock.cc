// The machine's clock steps, and the machine gives Sluice no time.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "fault/member_watch.h"
#include "fault/scenario.h"
#include "fault/trial.h"
#include "fault/wall_time.h"
#include "support/eventually.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kQuickSession = "session.timeout.ms: 6000, heartbeat.interval.ms: 500";
constexpr std::int64_t kHourMs = 3'600'000;

// Wall-clock time as one process sees it (preloaded/step_clock.cc).
class OwnClock {
 public:
  explicit OwnClock(const Run& run) : file_(run.dir / "clock") {
    std::ofstream(file_).close();
    step(0);
  }

  test::SluiceOptions options() const {
    return {.env = {{"LD_PRELOAD", STEP_CLOCK},
                    {"STEP_CLOCK_FILE", file_.string()},
                    {"ASAN_OPTIONS", "verify_asan_link_order=0"}}};
  }
  // Seconds from the true time.
  void step(std::int64_t ahead) const {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.write(reinterpret_cast<const char*>(&ahead), sizeof ahead);
  }

 private:
  const std::filesystem::path file_;
};

std::int64_t requests_between(const Trial& trial, std::int64_t from_ms, std::int64_t to_ms) {
  const auto batches = trial.api().batches();
  return std::count_if(batches.begin(), batches.end(), [&](const SeenBatch& batch) {
    return batch.came_ms >= from_ms && batch.came_ms < to_ms;
  });
}

// A single request fails, which is logged; the time of that line.
std::string time_of_a_line(Trial& trial) {
  const std::size_t before = trial.sluice().events("request_failed").size();
  const auto failed = std::make_shared<std::atomic<bool>>(false);
  trial.api().misbehave([failed](const auto&, const auto&) -> std::optional<Said> {
    if (failed->exchange(true)) return std::nullopt;
    return Said{.reply = {.status = 503}};
  });
  Trial::require(trial.sluice().wait_for_event("request_failed", seconds(20), before + 1),
                 "no request fails");
  trial.api().misbehave(nullptr);
  const std::string line = trial.sluice().events("request_failed").back();
  const std::string mark = R"("time":")";
  return line.substr(line.find(mark) + mark.size(), 16);  // to the minute
}

std::string minute_at(std::int64_t unix_ms) { return utc_text(unix_ms).substr(0, 16); }

void require_clock(Trial& trial, std::int64_t ahead_ms) {
  const std::string earliest = minute_at(now_ms() + ahead_ms);
  const std::string seen = time_of_a_line(trial);
  const std::string latest = minute_at(now_ms() + ahead_ms);
  Trial::require(seen >= earliest && seen <= latest,
                 "the clock did not step: the log says " + seen + ", not " + earliest);
}

// As the broker saw them: what Sluice says of itself excuses nothing.
void note_losses(Trial& trial, MemberWatch& members) {
  const std::vector<Span> losses = members.losses();
  for (const Span& loss : losses) trial.note_loss(loss);
  trial.note(fmt::format("the membership was lost {} times", losses.size()));
}

// Each duration that the log tells is one, whatever the clock did meanwhile.
void require_durations(Trial& trial) {
  for (const char* event : {"pipeline_flowing", "pipeline_stalled"}) {
    for (const std::string& line : trial.sluice().events(event)) {
      Trial::require(line.find(R"("for_ms":-)") == line.npos, "a negative duration: " + line);
    }
  }
}

// Lingering batches alone would be 40 requests a second, so that the budget of 18 is used up.
void step_the_clock(Run& run, const std::vector<int>& hours) {
  constexpr std::int64_t kWatchMs = 4000;
  Trial trial(run, run.brokers,
              {.per_second = 700,
               .kafka = kQuickSession,
               .target = "rate_limit: [{requests: 20, per: 1s}]"});
  const OwnClock clock(run);
  trial.start(clock.options());
  for (const int hour : hours) {
    clock.step(hour * 3600);
    const std::int64_t from = now_ms();
    std::this_thread::sleep_for(milliseconds(kWatchMs));
    const std::int64_t to = now_ms();
    const std::int64_t requests = requests_between(trial, from, to);
    trial.note(
        fmt::format("{:+} h: {} requests in the {} ms after the step", hour, requests, to - from));
    Trial::require(requests >= 18 * (to - from) / 2000, "it is starved after the step");
    Trial::require(requests <= 22 * (to - from) / 1000, "it floods after the step");
    require_clock(trial, hour * kHourMs);
    Trial::require(trial.flows(), "nothing flows after the step");
  }
  Trial::require(trial.sluice().events("partitions_lost").empty(), "the step cost the membership");
  require_durations(trial);
  trial.finish();
}

// Nothing is to be sent, so that a timer alone closes each batch. librdkafka waits on the wall
// clock between heartbeats: a step back may cost the membership, but no more than that.
void step_when_idle(Run& run) {
  Trial trial(run, run.brokers, {.kafka = kQuickSession});
  const OwnClock clock(run);
  trial.start(clock.options());
  MemberWatch members(trial.brokers(), trial.group());
  trial.feed().stop();
  for (const int offset : {3600, -3600}) {
    clock.step(offset);
    std::this_thread::sleep_for(seconds(8));  // longer than a session
    for (const std::string& id : trial.feed().add_fresh()) {
      Trial::require(test::eventually([&] { return trial.api().took(id); }, seconds(5)),
                     "a lone record is not sent after the step");
    }
  }
  trial.feed().start();
  require_clock(trial, -kHourMs);
  require_durations(trial);
  note_losses(trial, members);
  trial.finish();
}

// Shorter than a session and than a request may take: it is still a member, and what was answered
// meanwhile counts.
void freeze_shortly(Run& run) {
  Trial trial(run, run.brokers,
              {.api = {.work = milliseconds(50)},
               .kafka = kQuickSession,
               .timeouts = "timeout: 10s, circuit_breaker: {open_for: 1s}"});
  trial.start();
  for (int round = 0; round < 2; ++round) {
    trial.sluice().signal(SIGSTOP);
    const std::size_t before = trial.api().batch_count();
    std::this_thread::sleep_for(seconds(3));
    Trial::require(trial.api().batch_count() <= before + 4, "it was not frozen");
    trial.sluice().signal(SIGCONT);
    Trial::require(trial.flows(), "nothing flows after the freeze");
  }
  Trial::require(trial.sluice().events("partitions_lost").empty(), "the freeze cost membership");
  trial.finish();
}

// Longer, and nobody took over: before it is a member again it sends nothing.
void freeze_alone(Run& run) {
  Trial trial(run, run.brokers, {.api = {.work = milliseconds(50)}, .kafka = kQuickSession});
  trial.start();
  trial.sluice().signal(SIGSTOP);
  std::this_thread::sleep_for(seconds(9));
  const std::size_t before = trial.api().batch_count();
  std::atomic<std::size_t> sent_too_early = 0;
  trial.api().on_request([&] {
    if (trial.sluice().events("partitions_assigned").size() < 2) ++sent_too_early;
  });
  trial.sluice().signal(SIGCONT);
  Trial::require(trial.sluice().wait_for_event("partitions_assigned", seconds(20), 2),
                 "it does not join again");
  Trial::require(trial.flows(), "nothing flows after the freeze");
  trial.api().on_request(nullptr);
  Trial::require(sent_too_early == 0,
                 fmt::format("{} requests before it was a member again", sent_too_early.load()));
  Trial::require(trial.api().batch_count() > before, "nothing was sent");
  trial.finish({.losses = 1});
}

// Four that are much more important want the one core that it may use.
void starve(Run& run) {
  // An answer that has arrived counts, however late it is looked at.
  Trial trial(
      run, run.brokers,
      {.kafka = kQuickSession, .timeouts = "timeout: 30s, circuit_breaker: {open_for: 1s}"});
  trial.start({.prefix = {"taskset", "-c", "0", "nice", "-n", "19"}});
  MemberWatch members(trial.brokers(), trial.group());
  {
    std::vector<std::unique_ptr<test::ChildProcess>> hogs;
    for (int i = 0; i < 4; ++i) {
      hogs.push_back(std::make_unique<test::ChildProcess>(test::ChildProcess::Options{
          .argv = {"taskset", "-c", "0", "nice", "-n", "-20", "sh", "-c", "while :; do :; done"},
          .env = {},
          .out_file = {},
          .err_file = {}}));
    }
    const std::size_t before = trial.api().taken_count();
    std::this_thread::sleep_for(seconds(10));
    const std::size_t taken = trial.api().taken_count() - before;
    trial.note(fmt::format("{} of about 10000 records taken in 10 s of starvation", taken));
    Trial::require(taken < 9000, "it was not starved");
  }
  Trial::require(trial.flows(), "nothing flows after the starvation");
  note_losses(trial, members);
  trial.finish();
}

}  // namespace

std::vector<Scenario> clock_scenarios() {
  return {{.name = "clock-forward",
           .weight = Weight::full,
           .cases = {40},
           .what = "the clock steps an hour ahead under load; rates go on, timers too",
           .play = [](Run& run) { step_the_clock(run, {1}); }},
          {.name = "clock-back-and-forth",
           .weight = Weight::full,
           .cases = {40},
           .what = "the clock steps an hour back, two ahead, and to the true time under load",
           .play = [](Run& run) { step_the_clock(run, {-1, 1, 0}); }},
          {.name = "clock-idle",
           .weight = Weight::full,
           .cases = {40},
           .what = "the clock steps while nothing flows; lone records go on in time",
           .play = step_when_idle},
          {.name = "freeze-short",
           .weight = Weight::quick,
           .cases = {11},
           .what = "SIGSTOP for 3 s, shorter than a session; nothing is repeated",
           .play = freeze_shortly},
          {.name = "freeze-alone",
           .weight = Weight::full,
           .cases = {11},
           .what = "SIGSTOP for longer than a session; nothing is sent before it is a member again",
           .play = freeze_alone},
          {.name = "cpu-starved",
           .weight = Weight::full,
           .cases = {14},
           .what = "10 s with hardly any processor time; goes on by itself",
           .play = starve}};
}

}  // namespace sluice::fault
