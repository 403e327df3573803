// scripts/fault: breaks Sluice in every way that was thought of and reconciles every record.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>

#include <CLI/CLI.hpp>

#include "fault/player.h"
#include "fault/result.h"
#include "fault/scenario.h"
#include "support/kafka_broker.h"

namespace sluice::fault {
namespace {

struct Arguments {
  bool list = false;
  bool quick = false;
  bool full = false;
  std::vector<std::string> names = {};
  std::uint64_t seed = 0;
  std::size_t at_a_time = 2;
  bool chaos = false;
  bool soak = false;
  double minutes = 1;
  std::int64_t seconds = 60;
  std::filesystem::path dir = "build/fault";
  std::string play = {};
  std::string brokers = {};
};

// Whoever waits for longer stops running them.
constexpr std::chrono::minutes kMostOfEachChange(12);

std::uint64_t any_seed() {
  std::random_device entropy;
  return entropy();
}

void declare(CLI::App& app, Arguments& arguments) {
  auto* const quick =
      app.add_flag("--quick", arguments.quick, "those of each change (the default)");
  app.add_flag("--full", arguments.full, "all of them")->excludes(quick);
  app.add_flag("--list", arguments.list, "say what there is, and do nothing");
  app.add_option("scenario", arguments.names, "only these: names, or beginnings of names");
  app.add_option("--seed", arguments.seed, "for what is left to chance; printed by each run");
  app.add_option("--jobs", arguments.at_a_time, "how many at a time")->check(CLI::Range(1, 64));
  app.add_flag("--chaos", arguments.chaos, "all faults at random, for --minutes");
  app.add_flag("--soak", arguments.soak, "load for --minutes: does anything grow");
  app.add_option("--minutes", arguments.minutes, "how long chaos and soak go on")
      ->check(CLI::Range(0.1, 10'000.0));
  app.add_option("--seconds", arguments.seconds)->group("");
  app.add_option("--dir", arguments.dir, "where results.json, table.md and the logs go");
  app.add_option("--play", arguments.play)->group("");
  app.add_option("--brokers", arguments.brokers)->group("");
}

int list_all() {
  for (const Scenario& scenario : all_scenarios()) {
    fmt::print("{:<34} {:<6} {}\n", scenario.name,
               scenario.weight == Weight::quick ? "quick" : "full", scenario.what);
  }
  return 0;
}

bool is_chosen(const Scenario& scenario, const Arguments& arguments) {
  if (arguments.names.empty()) return arguments.full || scenario.weight == Weight::quick;
  return std::any_of(arguments.names.begin(), arguments.names.end(),
                     [&](const auto& name) { return scenario.name.starts_with(name); });
}

std::vector<Scenario> chosen(const Arguments& arguments) {
  std::vector<Scenario> scenarios = all_scenarios();
  std::erase_if(scenarios, [&](const Scenario& it) { return !is_chosen(it, arguments); });
  return scenarios;
}

int play_one(const Arguments& arguments) {
  for (const Scenario& scenario : all_scenarios()) {
    if (scenario.name != arguments.play) continue;
    const Result result = play(scenario, Run{.brokers = arguments.brokers,
                                             .dir = arguments.dir,
                                             .seed = arguments.seed,
                                             .time = std::chrono::seconds(arguments.seconds),
                                             .result = {}});
    std::ofstream(arguments.dir / "result.json") << to_json(result);
    return result.wrongs.empty() ? 0 : 1;
  }
  return 2;
}

int play_chosen(const Arguments& arguments, const std::filesystem::path& program) {
  const std::vector<Scenario> scenarios = chosen(arguments);
  if (scenarios.empty()) {
    std::cerr << "scripts/fault: no scenario of that name; --list shows them\n";
    return 2;
  }
  fmt::print("{} scenarios, --seed {}\n", scenarios.size(), arguments.seed);
  std::fflush(stdout);
  const auto began = std::chrono::steady_clock::now();
  const auto results = play_all(scenarios, {.program = program,
                                            .dir = arguments.dir,
                                            .brokers = test::KafkaBroker::shared().brokers(),
                                            .seed = arguments.seed,
                                            .time = std::chrono::seconds(arguments.seconds),
                                            .at_a_time = arguments.at_a_time});
  const auto took = std::chrono::steady_clock::now() - began;
  std::ofstream(arguments.dir / "table.md") << table_of(results);
  std::ofstream(arguments.dir / "results.json") << to_json(results, arguments.seed);
  const auto failed = std::count_if(results.begin(), results.end(),
                                    [](const Result& it) { return !it.wrongs.empty(); });
  std::cout << '\n'
            << table_of(results) << '\n'
            << results.size() - static_cast<std::size_t>(failed) << " passed, " << failed
            << " failed\n";
  const bool is_each_change = arguments.names.empty() && !arguments.full;
  if (is_each_change && took > kMostOfEachChange) {
    std::cout
        << "too slow: the quick scenarios took more than 12 minutes; make some of them full\n";
    return 1;
  }
  return failed == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app("Breaks Sluice on a real Kafka and reconciles every record.", "scripts/fault");
  Arguments arguments{.seed = any_seed()};
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  if (arguments.chaos) arguments.names.emplace_back("chaos");
  if (arguments.soak) arguments.names.emplace_back("soak");
  if (arguments.play.empty()) arguments.seconds = std::llround(arguments.minutes * 60);
  if (arguments.list) return list_all();
  // Sluice takes the paths in its configuration to be relative to the configuration's folder.
  arguments.dir = std::filesystem::absolute(arguments.dir);
  if (!arguments.play.empty()) return play_one(arguments);
  return play_chosen(arguments, std::filesystem::read_symlink("/proc/self/exe"));
}

}  // namespace
}  // namespace sluice::fault

int main(int argc, char** argv) { return sluice::fault::run(argc, argv); }
