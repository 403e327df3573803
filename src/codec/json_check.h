// Proves that bytes are exactly one JSON value (RFC 8259).
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "codec/rejection.h"

namespace sluice::codec {

// Three proofs, the next one where the one before cannot say yes: the outline that simdjson's first
// stage finds (json_outline.h); simdjson's parser; and where it gives up on a number it cannot
// represent (1e400, 64-bit overflow) or on depth, RapidJSON, so that no valid JSON is refused.
// UTF-8 is validated, trailing bytes, BOM and NUL are refused. Keeps what simdjson needs: no
// allocation per record once it has seen the largest one. Not thread-safe.
class JsonCheck {
 public:
  // Bytes that must be readable (any content) behind every value handed to check().
  static constexpr std::size_t kPadding = 64;

  JsonCheck();
  ~JsonCheck();
  JsonCheck(const JsonCheck&) = delete;
  JsonCheck& operator=(const JsonCheck&) = delete;

  // nullopt: one JSON value. Otherwise reason not_json and where it broke.
  std::optional<Rejection> check(std::string_view padded);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::codec
