#include "base/text_template.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sluice {
namespace {

using Part = TextTemplate::Part;

constexpr std::string_view kHeader = "header:";
constexpr std::string_view kRemedy =
    "use {key}, {header:NAME}, {topic}, {partition}, {offset}, {timestamp} or {/json/pointer}, and "
    "{{ or }} for a brace";

bool is_pointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (std::size_t at = text.find('~'); at != text.npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

std::optional<Part> placeholder(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Part::Kind>, 5> kNames{
      {{"key", Part::Kind::key},
       {"topic", Part::Kind::topic},
       {"partition", Part::Kind::partition},
       {"offset", Part::Kind::offset},
       {"timestamp", Part::Kind::timestamp}}};
  for (const auto& [known, kind] : kNames) {
    if (name == known) return Part{kind, {}};
  }
  if (name.starts_with(kHeader) && name.size() > kHeader.size()) {
    return Part{Part::Kind::header, std::string(name.substr(kHeader.size()))};
  }
  if (is_pointer(name)) return Part{Part::Kind::pointer, std::string(name)};
  return std::nullopt;
}

tl::unexpected<Error> unknown(std::string_view name) {
  const bool printable = name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
                           return c > ' ' && c < '\x7f';
                         });
  if (name.empty() || !printable) return fail("has an unknown placeholder", std::string(kRemedy));
  const bool field = name.find_first_of(":~") == name.npos;
  const std::string hint =
      field ? "for a field of the record's value write {/" + std::string(name) + "}; else " : "";
  return fail("has an unknown placeholder {" + std::string(name) + "}",
              hint + std::string(kRemedy));
}

void add_text(std::vector<Part>& parts, std::string_view text) {
  if (text.empty()) return;
  if (parts.empty() || parts.back().kind != Part::Kind::text) parts.push_back({});
  parts.back().text += text;
}

}  // namespace

Result<TextTemplate> TextTemplate::parse(std::string_view text) {
  TextTemplate out;
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
    add_text(out.parts_, text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.empty()) break;
    if (text.starts_with("{{") || text.starts_with("}}")) {
      add_text(out.parts_, text.substr(0, 1));
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.find('}');
    if (text.starts_with('}') || end == text.npos) {
      return fail("has a brace without its other half", std::string(kRemedy));
    }
    auto part = placeholder(text.substr(1, end - 1));
    if (!part) return unknown(text.substr(1, end - 1));
    out.parts_.push_back(std::move(*part));
    text.remove_prefix(end + 1);
  }
  return out;
}

bool TextTemplate::fixed() const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.kind == Part::Kind::text; });
}

std::string TextTemplate::filled_with(std::string_view filling) const {
  std::string out;
  for (const Part& part : parts_) out += part.kind == Part::Kind::text ? part.text : filling;
  return out;
}

}  // namespace sluice
