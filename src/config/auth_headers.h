// What credentials put into a request, by name.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/auth.h"
#include "config/reader.h"

namespace sluice::config {

// The headers that they set. Borrows from `auth`.
std::vector<std::string_view> auth_headers(const Auth& auth);
// The query parameter; nullopt where there is none.
std::optional<std::string_view> auth_query(const Auth& auth);
// Which of two values of the same name counts would be for the server to say: a problem of `value`.
void check_beside(Reader& reader, const Value& value, const Auth& auth, const Value& other_value,
                  const Auth& other);

}  // namespace sluice::config
