// An explanation for programs.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "explain/explanation.h"

namespace sluice::explain {

// One JSON document (docs/explain.md). `most_body` and `now` as text_of()'s.
std::string document_of(const Explanation& explanation, std::size_t most_body, WallTime now);

}  // namespace sluice::explain
