#include "auth/credential_check.h"

#include <algorithm>
#include <string>

namespace sluice::auth {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_token_character(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != kMarks.npos;
}

}  // namespace

std::optional<Error> check_value(std::string_view option, std::string_view value) {
  const std::string name(option);
  if (value.empty()) return Error{name + " is empty", "set it, or choose another auth.type"};
  if (std::any_of(value.begin(), value.end(), is_control)) {
    return Error{name + " has a line break or another control character",
                 "remove it (often the last line break of a file)"};
  }
  if (value.front() == ' ' || value.back() == ' ') {
    return Error{name + " begins or ends with a blank", "remove it"};
  }
  return std::nullopt;
}

std::optional<Error> check_header_name(std::string_view option, std::string_view name) {
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_token_character)) {
    return std::nullopt;
  }
  return Error{std::string(option) + " is no header name",
               "use letters, digits and hyphens only, such as X-Api-Key"};
}

}  // namespace sluice::auth
