// The one syntax of all templates: "text {placeholder} text", with {{ and }} for braces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice {

struct TemplatePiece {
  bool placeholder = false;
  std::string text;  // between the braces, where it is a placeholder
};

// No two texts side by side, none of them empty; what placeholders there are is for the caller to
// say, as is the `remedy` of a brace without its other half.
Result<std::vector<TemplatePiece>> template_pieces(std::string_view text, std::string_view remedy);

// What is wrong with a placeholder that there is none of: it is named where it is short and
// printable.
std::string unknown_placeholder(std::string_view name);

}  // namespace sluice
