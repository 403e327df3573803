// What the simulator can be made to suffer from.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sluice::simulator {

enum class Fault : std::uint8_t {
  none,
  outage,        // 503 with a gateway's HTML
  throttle,      // 2 requests a second at each endpoint, 429 beyond
  poison,        // one record in 50 refused, always the same ones
  unauthorized,  // 401
  slow,          // each answer takes 3 s
};

inline constexpr std::array<Fault, 6> kFaults{Fault::none,   Fault::outage,       Fault::throttle,
                                              Fault::poison, Fault::unauthorized, Fault::slow};

std::string_view to_string(Fault fault);
// The error names the nearest word, or all of them.
Result<Fault> parse_fault(std::string_view word);

// Whether the fault `poison` refuses the record with this id: a matter of the id alone, so that a
// retry and a bisection find the same ones, on every machine.
bool is_poison(std::string_view id);

}  // namespace sluice::simulator
