#include "config/signature_template.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/template_pieces.h"

namespace sluice::config {
namespace {

using Part = SignatureTemplate::Part;

struct Placeholder {
  std::string_view name;
  Part::Kind kind;
};

constexpr Placeholder kOfRequest[] = {
    {"timestamp", Part::Kind::timestamp}, {"method", Part::Kind::method},
    {"path", Part::Kind::path},           {"query", Part::Kind::query},
    {"host", Part::Kind::host},           {"id", Part::Kind::id},
    {"body", Part::Kind::body},           {"body_hash", Part::Kind::body_hash}};
constexpr std::string_view kOfRequestRemedy =
    "use {timestamp}, {method}, {path}, {query}, {host}, {id}, {body} or {body_hash}, and {{ or }} "
    "for a brace";

constexpr Placeholder kOfValue[] = {{"signature", Part::Kind::signature},
                                    {"timestamp", Part::Kind::timestamp},
                                    {"id", Part::Kind::id}};
constexpr std::string_view kOfValueRemedy =
    "use {signature}, {timestamp} or {id}, and {{ or }} for a brace";

Result<std::vector<Part>> parse(std::string_view text, std::span<const Placeholder> known,
                                std::string_view remedy) {
  const auto pieces = template_pieces(text, remedy);
  if (!pieces) return tl::unexpected(pieces.error());
  std::vector<Part> parts;
  for (const TemplatePiece& piece : *pieces) {
    if (!piece.placeholder) {
      parts.push_back({Part::Kind::text, piece.text});
      continue;
    }
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& each) { return each.name == piece.text; });
    if (found == known.end()) return fail(unknown_placeholder(piece.text), std::string(remedy));
    parts.push_back({found->kind, {}});
  }
  return parts;
}

}  // namespace

Result<SignatureTemplate> SignatureTemplate::parse_signed(std::string_view text) {
  auto parts = parse(text, kOfRequest, kOfRequestRemedy);
  if (!parts) return tl::unexpected(parts.error());
  SignatureTemplate out;
  out.parts_ = std::move(*parts);
  if (!out.has(Part::Kind::body) && !out.has(Part::Kind::body_hash)) {
    return fail("leaves the body out, so that anybody on the way could change it",
                "add {body} or {body_hash}");
  }
  return out;
}

Result<SignatureTemplate> SignatureTemplate::parse_value(std::string_view text) {
  const bool one_line = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
  });
  if (!one_line) return fail("is more than one line", "write the header's value on one line");
  if (text.starts_with(' ') || text.ends_with(' ')) {
    return fail("begins or ends with a blank", "remove it: blanks there are lost on the way");
  }
  auto parts = parse(text, kOfValue, kOfValueRemedy);
  if (!parts) return tl::unexpected(parts.error());
  SignatureTemplate out;
  out.parts_ = std::move(*parts);
  if (!out.has(Part::Kind::signature)) {
    return fail("leaves the signature out", "add {signature}");
  }
  return out;
}

bool SignatureTemplate::has(Part::Kind kind) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [kind](const Part& part) { return part.kind == kind; });
}

}  // namespace sluice::config
