// What a scenario is, and all of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fault/judge.h"

namespace sluice::fault {

// How one scenario ended.
struct Result {
  std::string name = {};
  double seconds = 0;             // all of it took
  double recovered_seconds = -1;  // from the end of the fault until records of after it were taken
  std::uint64_t peak_rss_bytes = 0;
  Figures figures = {};
  bool tried = true;                     // false: it needs what is not here, and a note says what
  std::vector<std::string> notes = {};   // figures of this scenario's own, in words
  std::vector<std::string> wrongs = {};  // empty: it passed
};

// What one run of a scenario is given, and where it says how it went.
struct Run {
  std::string brokers;        // of a Kafka that others use at the same time: not to be broken
  std::filesystem::path dir;  // for what should be kept; exists
  std::uint64_t seed = 0;
  std::chrono::seconds time{60};  // for those that go on as long as they are told
  Result result = {};
};

enum class Weight : std::uint8_t { quick, full };

struct Scenario {
  std::string name;        // unique; of letters, digits and '-': it names topics and groups
  Weight weight;           // full: too long or too heavy for each change
  std::vector<int> cases;  // of the list in docs/reliability.md
  std::string what;        // in a line: what is done, and what it has to end in
  // Throws std::runtime_error where it cannot go on.
  std::function<void(Run&)> play;
};

// In the order they are listed and played. One function a file in scenarios/.
std::vector<Scenario> all_scenarios();

std::vector<Scenario> kill_scenarios();
std::vector<Scenario> topic_scenarios();
std::vector<Scenario> offset_scenarios();
std::vector<Scenario> group_scenarios();
std::vector<Scenario> gap_scenarios();
std::vector<Scenario> http_scenarios();
std::vector<Scenario> http_success_scenarios();
std::vector<Scenario> http_record_scenarios();
std::vector<Scenario> tls_scenarios();
std::vector<Scenario> dead_letter_scenarios();
std::vector<Scenario> broker_scenarios();
std::vector<Scenario> cluster_scenarios();
std::vector<Scenario> network_scenarios();
std::vector<Scenario> name_scenarios();
std::vector<Scenario> clock_scenarios();
std::vector<Scenario> machine_scenarios();
std::vector<Scenario> thread_scenarios();
std::vector<Scenario> admin_scenarios();
std::vector<Scenario> memory_scenarios();
std::vector<Scenario> backlog_scenarios();
std::vector<Scenario> chaos_scenarios();
std::vector<Scenario> soak_scenarios();

}  // namespace sluice::fault
