#pragma once

#include <optional>
#include <string_view>

#include "config/document.h"

namespace sluice::config {

// The first place where `text` is not UTF-8 or holds a control character other than tab and line
// ends. yaml-cpp would replace the one in silence and take some of the others for the file's end.
std::optional<Place> find_unprintable(std::string_view text);

}  // namespace sluice::config
