#include "codec/json_check.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <span>

#include "codec/json_grammar.h"
#include "codec/json_outline.h"

namespace sluice::codec {
namespace {

// For each byte of the largest document they have seen, simdjson's first stage holds up to eight
// bytes and its parser about fifteen, so larger ones take the slow way, which holds next to
// nothing.
constexpr std::size_t kLargestFast = 4 * 1024 * 1024;
constexpr std::size_t kFirstRoom = 4096;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

struct JsonCheck::Impl {
  // Most documents end here: half the time of the parser, which makes a tree of them.
  bool is_json_by_outline(std::string_view padded);
  bool make_room(std::size_t bytes);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
  simdjson::dom::parser parser{kLargestFast};
};

bool JsonCheck::Impl::is_json_by_outline(std::string_view padded) {
  if (padded.empty() || !make_room(padded.size())) return false;
  const auto* bytes = static_cast<const std::uint8_t*>(static_cast<const void*>(padded.data()));
  if (stages->stage1(bytes, padded.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
    return false;
  }
  return outline_is_json(padded, {stages->structural_indexes.get(), stages->n_structural_indexes});
}

bool JsonCheck::Impl::make_room(std::size_t bytes) {
  if (stages && bytes <= stages->capacity()) return true;
  if (bytes > kLargestFast) return false;
  const std::size_t room = stages ? 2 * stages->capacity() : kFirstRoom;
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      std::min(std::max(bytes, room), kLargestFast), 1, stages);
  return error == simdjson::SUCCESS;
}

JsonCheck::JsonCheck() : impl_(std::make_unique<Impl>()) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
}

JsonCheck::~JsonCheck() = default;

std::optional<Rejection> JsonCheck::check(std::string_view padded) {
  // Newer simdjson skips a byte order mark without a word; RFC 8259 forbids sending one.
  if (!padded.starts_with(kByteOrderMark) &&
      (impl_->is_json_by_outline(padded) ||
       impl_->parser.parse(padded.data(), padded.size(), false).error() == simdjson::SUCCESS)) {
    return std::nullopt;
  }
  // Not only for what simdjson cannot represent: it does not say where a text is broken.
  return check_grammar(padded);
}

}  // namespace sluice::codec
