// Faults as chaos plays them: each begins at one moment and ends at another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sluice::fault {

struct Disturbance {
  std::string name;
  std::string of;  // what it breaks; two of the same thing do not overlap
  double least_seconds = 0;
  double most_seconds = 0;
  std::function<void()> begin;
  std::function<void()> end;
};

// Plays them at random, some at the same time, for so long; at the end all have ended.
struct ChaosOptions {
  std::uint64_t seed = 0;
  double seconds = 60;
  std::size_t at_a_time = 2;
  double most_pause_seconds = 2;  // between beginnings
};
// Tells `say` what begins and ends, and when. How often each was played, in the order given.
std::vector<std::size_t> play_chaos(const std::vector<Disturbance>& disturbances,
                                    const ChaosOptions& options,
                                    const std::function<void(const std::string&)>& say);

}  // namespace sluice::fault
