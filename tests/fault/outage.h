// A while in which the API misbehaves, and what Sluice must be seen to do meanwhile.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "fault/trial.h"

namespace sluice::fault {

// Of a target; quick enough for several outages in one trial.
inline constexpr const char* kQuickTarget =
    "timeout: 1s, circuit_breaker: {open_for: 500ms, max_open_for: 500ms}";

enum class Ends : std::uint8_t {
  refused,  // requests have no effect
  untold,   // records are taken, and nobody is told
  taken,    // records are taken, and that is understood: each request comes once
};

struct Outage {
  std::string name;
  Mood mood;
  std::string reason = {};  // that `/status` names
  std::string detail = {};  // and a piece of its words
  Ends ends = Ends::refused;
  // Requests into it are at most so many, and so many more for each second of it.
  std::size_t at_first = 9;  // five failures open the breaker, and some are under way then
  std::size_t a_second = 6;  // three probes, twice
  std::chrono::milliseconds lasts{1000};
};

// Throws where anything else is seen. Returns when records flow again.
void suffer(Trial& trial, const Outage& outage);

// One after the other, in a trial of its own, and nothing is wrong at the end.
void suffer_all(Run& run, const Setup& setup, const std::vector<Outage>& outages);

// While `what` is done, nobody listens where the API was; no answer of it is counted on.
void while_down(Trial& trial, const std::function<void()>& what);

}  // namespace sluice::fault
