#include "fault/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "fault/result.h"
#include "support/process.h"

namespace sluice::fault {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery(50);
// On top of the time that a scenario is told to go on.
constexpr std::chrono::minutes kPatience(20);

// A scenario that is being played.
struct Play {
  std::size_t index = 0;
  steady_clock::time_point began;
  std::filesystem::path dir;
  std::unique_ptr<test::ChildProcess> child = nullptr;
};

Play begin(const Scenario& scenario, std::size_t index, const PlayOptions& options) {
  Play play{.index = index, .began = steady_clock::now(), .dir = options.dir / scenario.name};
  std::filesystem::remove_all(play.dir);
  std::filesystem::create_directories(play.dir);
  play.child = std::make_unique<test::ChildProcess>(test::ChildProcess::Options{
      .argv = {options.program.string(), "--play", scenario.name, "--brokers", options.brokers,
               "--dir", play.dir.string(), "--seed", std::to_string(options.seed), "--seconds",
               std::to_string(options.time.count())},
      .env = {},
      .out_file = play.dir / "log",
      .err_file = play.dir / "log"});
  return play;
}

Result result_of(const std::string& name, const Play& play) {
  const std::string json = test::read_file(play.dir / "result.json");
  Result result;
  if (json.empty()) {
    result.name = name;
    result.wrongs = {"it broke off:\n" + test::tail_of(play.dir / "log")};
  } else {
    result = from_json(json);
  }
  result.seconds = std::chrono::duration<double>(steady_clock::now() - play.began).count();
  return result;
}

void tell(const Result& result) {
  fmt::print("{} {} ({:.0f} s)\n", result.wrongs.empty() ? "ok    " : "FAILED", result.name,
             result.seconds);
  for (const std::string& wrong : result.wrongs) fmt::print("       {}\n", wrong);
  std::fflush(stdout);
}

bool has_ended(Play& play, std::chrono::seconds time) {
  if (!play.child->running()) return true;
  if (steady_clock::now() - play.began < kPatience + time) return false;
  play.child->signal(SIGKILL);
  return false;
}

}  // namespace

std::vector<Result> play_all(const std::vector<Scenario>& scenarios, const PlayOptions& options) {
  std::vector<Result> results(scenarios.size());
  std::vector<Play> plays;
  for (std::size_t next = 0; next < scenarios.size() || !plays.empty();) {
    while (next < scenarios.size() && plays.size() < options.at_a_time) {
      plays.push_back(begin(scenarios[next], next, options));
      ++next;
    }
    std::erase_if(plays, [&](Play& play) {
      if (!has_ended(play, options.time)) return false;
      results[play.index] = result_of(scenarios[play.index].name, play);
      tell(results[play.index]);
      return true;
    });
    std::this_thread::sleep_for(kLookEvery);
  }
  return results;
}

Result play(const Scenario& scenario, Run run) {
  run.result.name = scenario.name;
  const auto began = steady_clock::now();
  try {
    scenario.play(run);
  } catch (const std::exception& error) {
    run.result.wrongs.emplace_back(error.what());
  }
  run.result.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  return run.result;
}

}  // namespace sluice::fault
