// A status as text for people.
#pragma once

#include <cstddef>
#include <string>

#include "glance/document.h"

namespace sluice::glance {

inline constexpr std::size_t kColumns = 80;

// What flows takes a line; what stands still says why, what happens next and in how long, and the
// command that would release it, whole. No other line is wider than kColumns. Whatever comes from
// elsewhere is made harmless to a terminal. Every line ends in a line break. `where`: options that
// each command needs to find this Sluice, such as "--url http://10.0.0.7:9464"; empty: none. Pure.
std::string screen(const Document& document, bool colour, const std::string& where = {});

}  // namespace sluice::glance
