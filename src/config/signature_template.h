// What a signature covers, and how it is written down. Parsed with the configuration, so that a
// wrong one has its place in the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::config {

// Text with placeholders of one request; {{ and }} are braces. Immutable.
class SignatureTemplate {
 public:
  struct Part {
    enum class Kind : std::uint8_t {
      text,
      timestamp,
      method,
      path,
      query,
      host,
      id,
      body,
      body_hash,
      signature,
    };
    Kind kind = Kind::text;
    std::string text;
    bool operator==(const Part&) const = default;
  };

  // "{timestamp}.{body}": any placeholder but {signature}. Refused without {body} or {body_hash}:
  // whoever came between could change what is not signed.
  static Result<SignatureTemplate> parse_signed(std::string_view text);
  // "t={timestamp},v1={signature}": one line with {signature}, perhaps {timestamp} and {id}.
  static Result<SignatureTemplate> parse_value(std::string_view text);

  const std::vector<Part>& parts() const { return parts_; }
  bool has(Part::Kind kind) const;
  bool operator==(const SignatureTemplate&) const = default;

 private:
  std::vector<Part> parts_;
};

}  // namespace sluice::config
