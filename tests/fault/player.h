// Plays scenarios, each in a process of its own, some at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fault/scenario.h"

namespace sluice::fault {

struct PlayOptions {
  std::filesystem::path program;  // this one, which plays a single scenario with --play
  std::filesystem::path dir;      // a folder in it for each scenario; what was there goes
  std::string brokers;            // of the Kafka they share
  std::uint64_t seed = 0;
  std::chrono::seconds time{60};
  std::size_t at_a_time = 2;
};

// Prints a line as each begins to run and ends. In the order of `scenarios`.
std::vector<Result> play_all(const std::vector<Scenario>& scenarios, const PlayOptions& options);

// In this process. Never throws: what goes wrong is in the result.
Result play(const Scenario& scenario, Run run);

}  // namespace sluice::fault
