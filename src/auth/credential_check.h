// What may be put into a request: the last gate before a credential becomes header bytes.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace sluice::auth {

// `option` is named in the error, `value` never is.

// Refuses what a header cannot carry unchanged: nothing at all, control characters (a line break
// would begin a header of its own), and blanks at either end, which a server strips.
std::optional<Error> check_value(std::string_view option, std::string_view value);

// Refuses what is no token of RFC 9110, section 5.6.2.
std::optional<Error> check_header_name(std::string_view option, std::string_view name);

}  // namespace sluice::auth
