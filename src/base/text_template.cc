#include "base/text_template.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/template_pieces.h"

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
  const std::string cause = unknown_placeholder(name);
  const bool field = cause.ends_with('}') && name.find_first_of(":~") == name.npos;
  const std::string hint =
      field ? "for a field of the record's value write {/" + std::string(name) + "}; else " : "";
  return fail(cause, hint + std::string(kRemedy));
}

}  // namespace

Result<TextTemplate> TextTemplate::parse(std::string_view text) {
  const auto pieces = template_pieces(text, kRemedy);
  if (!pieces) return tl::unexpected(pieces.error());
  TextTemplate out;
  for (const TemplatePiece& piece : *pieces) {
    auto part = piece.placeholder ? placeholder(piece.text) : Part{Part::Kind::text, piece.text};
    if (!part) return unknown(piece.text);
    out.parts_.push_back(std::move(*part));
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
