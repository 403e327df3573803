// RFC 4648, section 4, with padding.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::commit {

std::string to_base64(std::string_view bytes);
// nullopt where the text is not exactly what to_base64() writes.
std::optional<std::string> from_base64(std::string_view text);
// How many bytes so many characters hold.
constexpr std::size_t base64_holds(std::size_t characters) { return characters / 4 * 3; }

}  // namespace sluice::commit
