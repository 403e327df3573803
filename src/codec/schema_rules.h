// Keywords of JSON Schema that valijson's own checks would get wrong, or that a record could use
// against us: std::regex overflows the stack on a long string, uniqueItems takes quadratic time,
// format throws on a number, multipleOf divides by zero, 64-bit overflow turns negative.
#pragma once

#include <array>
#include <string_view>

namespace valijson {
class SchemaParser;
}

namespace sluice::codec {

struct ReplacedKeyword {
  const char* name;  // in the schema file
  const char* ours;  // what it is renamed to, so that valijson leaves it to our rule
};

inline constexpr std::array<ReplacedKeyword, 5> kReplacedKeywords{{
    {"type", "sluice:type"},
    {"pattern", "sluice:pattern"},
    {"format", "sluice:format"},
    {"multipleOf", "sluice:multipleOf"},
    {"uniqueItems", "sluice:uniqueItems"},
}};

// Longer strings are violations where they meet a pattern, longer keys where they meet
// patternProperties: what a regular expression costs grows with the square of it and worse.
inline constexpr std::size_t kLongestForPattern = 8192;
inline constexpr std::size_t kLongestKeyForPattern = 1024;

// Adds the rules for the renamed keywords. They throw std::runtime_error where a keyword's value
// makes no sense, as the parser itself does.
void add_rules(valijson::SchemaParser& parser);

}  // namespace sluice::codec
