#pragma once

#include <string_view>

namespace sluice {

// The project's version as CMakeLists.txt states it: "0.1.0".
inline constexpr std::string_view kVersion = SLUICE_VERSION;

}  // namespace sluice
