#include "base/template_pieces.h"

#include <algorithm>

namespace sluice {
namespace {

void add_text(std::vector<TemplatePiece>& pieces, std::string_view text) {
  if (text.empty()) return;
  if (pieces.empty() || pieces.back().placeholder) pieces.push_back({});
  pieces.back().text += text;
}

}  // namespace

Result<std::vector<TemplatePiece>> template_pieces(std::string_view text, std::string_view remedy) {
  std::vector<TemplatePiece> pieces;
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
    add_text(pieces, text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.empty()) break;
    if (text.starts_with("{{") || text.starts_with("}}")) {
      add_text(pieces, text.substr(0, 1));
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.find('}');
    if (text.starts_with('}') || end == text.npos) {
      return fail("has a brace without its other half", std::string(remedy));
    }
    pieces.push_back({true, std::string(text.substr(1, end - 1))});
    text.remove_prefix(end + 1);
  }
  return pieces;
}

std::string unknown_placeholder(std::string_view name) {
  const bool printable =
      !name.empty() && name.size() <= 64 &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return "has an unknown placeholder" + (printable ? " {" + std::string(name) + "}" : "");
}

}  // namespace sluice
