#include "codec/json_check.h"

#include <simdjson.h>

#include "codec/json_grammar.h"

namespace sluice::codec {
namespace {

// simdjson's parser holds about 15 bytes for each byte of the largest document it has seen, so
// larger ones take the slow way, which holds next to nothing.
constexpr std::size_t kLargestFast = 4 * 1024 * 1024;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

struct JsonCheck::Impl {
  simdjson::dom::parser parser{kLargestFast};
};

JsonCheck::JsonCheck() : impl_(std::make_unique<Impl>()) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
}

JsonCheck::~JsonCheck() = default;

std::optional<Rejection> JsonCheck::check(std::string_view padded) {
  // Newer simdjson skips a byte order mark without a word; RFC 8259 forbids sending one.
  if (!padded.starts_with(kByteOrderMark) &&
      impl_->parser.parse(padded.data(), padded.size(), false).error() == simdjson::SUCCESS) {
    return std::nullopt;
  }
  // Not only for what simdjson cannot represent: it does not say where a text is broken.
  return check_grammar(padded);
}

}  // namespace sluice::codec
