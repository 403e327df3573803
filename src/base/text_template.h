// Text with placeholders that are filled in from a record: paths and headers of requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice {

// "/users/{key}/events": {key}, {header:NAME}, {topic}, {partition}, {offset}, {timestamp} (of the
// record, in milliseconds) and {/json/pointer} (RFC 6901) into its value; {{ and }} are braces.
// Immutable.
class TextTemplate {
 public:
  struct Part {
    enum class Kind : std::uint8_t {
      text,
      key,
      header,
      topic,
      partition,
      offset,
      timestamp,
      pointer,
    };
    Kind kind = Kind::text;
    std::string text;  // the text itself, the header's name, or the pointer
  };

  static Result<TextTemplate> parse(std::string_view text);

  const std::vector<Part>& parts() const { return parts_; }
  // No placeholder.
  bool fixed() const;
  // With `filling` in place of every placeholder: the text itself where it is fixed.
  std::string filled_with(std::string_view filling) const;

 private:
  std::vector<Part> parts_;  // no two texts side by side
};

}  // namespace sluice
