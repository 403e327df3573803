#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace sluice::config {

// The bytes of a regular file of at most `most`. The cause of an error is a clause about the file
// ("does not exist"); neither holds any content.
Result<std::string> read_regular_file(const std::string& path, std::size_t most);

}  // namespace sluice::config
