#include "simulator/fault.h"

#include <string>
#include <vector>

#include "config/nearest.h"
#include "config/values.h"

namespace sluice::simulator {

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::outage:
      return "outage";
    case Fault::throttle:
      return "throttle";
    case Fault::poison:
      return "poison";
    case Fault::unauthorized:
      return "unauthorized";
    case Fault::slow:
      return "slow";
  }
  return "unknown";
}

Result<Fault> parse_fault(std::string_view word) {
  std::vector<std::string_view> all;
  std::string words;
  for (const Fault fault : kFaults) {
    if (to_string(fault) == word) return fault;
    all.push_back(to_string(fault));
    words += (words.empty() ? "" : ", ") + std::string(to_string(fault));
  }
  const std::string_view near = config::nearest(word, all);
  return fail("there is no fault " + config::in_quotes(word),
              near.empty() ? "use one of " + words : "did you mean " + std::string(near) + "?");
}

bool is_poison(std::string_view id) {
  constexpr std::uint64_t kOneIn = 50;
  // FNV-1a, then a finaliser: ids that differ in their last digit only must spread as well.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : id) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93ULL;
  hash ^= hash >> 32;
  return hash % kOneIn == 0;
}

}  // namespace sluice::simulator
