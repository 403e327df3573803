#pragma once

#include <string_view>
#include <vector>

namespace sluice::config {

// The candidate that `word` most likely misspells, or "" where none is near: edit distance with
// swaps of neighbours, case aside; a third of the word may be wrong, two letters of a short one,
// one of a very short one.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace sluice::config
