// What credentials put into a request, by name.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/auth.h"

namespace sluice::config {

// The headers that they set. Borrows from `auth`.
std::vector<std::string_view> auth_headers(const Auth& auth);
// The query parameter; nullopt where there is none.
std::optional<std::string_view> auth_query(const Auth& auth);

}  // namespace sluice::config
