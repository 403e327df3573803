// Clocks that disagree: a common reason for a signature that is refused.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "http/client.h"

namespace sluice::deliver {

// "the API's clock is 340 s ahead of this machine's", by the Date of an answer that came at `now`;
// nullopt where they agree within 30 s, or it has none.
std::optional<std::string> clock_difference(const http::Answer& answer, WallTime now);

}  // namespace sluice::deliver
