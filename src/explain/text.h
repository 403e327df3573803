// An explanation for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "explain/explanation.h"

namespace sluice::explain {

// Bytes of a body that are shown where nobody asks for all.
inline constexpr std::size_t kShownBody = 1024;

// Lines. What comes from the record is clean text. `most_body`: bytes of the body at most. `now`
// is the time of the answers that are foretold. `width`: as Lines'.
std::string text_of(const Explanation& explanation, std::size_t most_body, WallTime now,
                    std::size_t width = SIZE_MAX);

}  // namespace sluice::explain
