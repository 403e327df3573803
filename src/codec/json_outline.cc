#include "codec/json_outline.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

namespace sluice::codec {
namespace {

constexpr std::size_t kDeepest = 64;  // one bit for each level

// What a number, true, false or null ends at.
constexpr std::array<bool, 256> kEndsScalar = [] {
  std::array<bool, 256> ends{};
  for (const char c : std::string_view(" \t\n\r,:[]{}")) ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

bool ends_scalar(char c) { return kEndsScalar[static_cast<unsigned char>(c)]; }
bool digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// 0 to 15; more where it is no hexadecimal digit.
unsigned hex_value(char c) {
  if (digit(c)) return static_cast<unsigned>(c - '0');
  const auto letter = static_cast<unsigned char>((c | 0x20) - 'a');
  return letter < 6 ? 10U + letter : 16U;
}

// Each of these reads on while the bytes are right. They stop within the text, since the bracket it
// ends with is right for none of them.

// Behind the digits that begin at `at`; nullptr where there is none.
const char* after_digits(const char* at) {
  if (!digit(*at)) return nullptr;
  while (digit(*at)) ++at;
  return at;
}

bool is_number(const char* at) {
  if (*at == '-') ++at;
  at = *at == '0' ? at + 1 : after_digits(at);
  if (at != nullptr && *at == '.') at = after_digits(at + 1);
  if (at != nullptr && (*at == 'e' || *at == 'E')) {
    ++at;
    at = after_digits(*at == '+' || *at == '-' ? at + 1 : at);
  }
  return at != nullptr && ends_scalar(*at);
}

// What four digits say; nullopt where there are fewer.
std::optional<unsigned> code_unit(const char* at) {
  unsigned unit = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned value = hex_value(at[i]);
    if (value > 15) return std::nullopt;
    unit = unit << 4 | value;
  }
  return unit;
}

// Behind the \u escape, or the two of a surrogate pair; nullptr where it is neither.
const char* after_unicode(const char* at) {
  const auto unit = code_unit(at + 2);
  if (!unit) return nullptr;
  if (*unit < 0xD800 || *unit > 0xDFFF) return at + 6;
  if (*unit > 0xDBFF || at[6] != '\\' || at[7] != 'u') return nullptr;
  const auto second = code_unit(at + 8);
  return second && *second >= 0xDC00 && *second <= 0xDFFF ? at + 12 : nullptr;
}

// Behind the escape whose backslash is at `at`; nullptr where it is none.
const char* after_escape(const char* at) {
  switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return at + 2;
    case 'u':
      return after_unicode(at);
    default:
      return nullptr;
  }
}

// Of a text whose backslashes are in its strings.
bool escapes_are_right(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    if (found == nullptr) return true;
    at = after_escape(static_cast<const char*>(found));
    if (at == nullptr) return false;
  }
}

// Whatever stands behind a token that is no closing bracket is there, since the last one of all is
// one: so the end is looked for behind those alone.
class Outline {
 public:
  Outline(std::string_view text, std::span<const std::uint32_t> starts)
      : text_(text), at_(starts.data()), end_(starts.data() + starts.size()) {}

  // One object or array with all that is in it, and nothing behind it.
  bool is_container() {
    char token = take();
    if (token != '{' && token != '[') return false;
    for (;;) {
      // A value begins with `token`.
      if (token == '{' || token == '[') {
        if (depth_ == kDeepest) return false;
        open(token);
        token = take();
        if (token != closing()) {
          if (in_object() && !take_key(token)) return false;
          continue;
        }
      } else {
        if (token != '"' && !is_scalar(at_[-1])) return false;
        token = take();
      }
      // A value has ended.
      while (token == closing()) {
        close();
        if (at_ == end_) return depth_ == 0;
        if (depth_ == 0) return false;
        token = take();
      }
      if (token != ',') return false;
      token = take();
      if (in_object() && !take_key(token)) return false;
    }
  }

 private:
  char take() { return text_[*at_++]; }

  // `token` begins a key: on to the value behind it.
  bool take_key(char& token) {
    if (token != '"' || take() != ':') return false;
    token = take();
    return true;
  }

  void open(char bracket) {
    ++depth_;
    objects_ = objects_ << 1 | (bracket == '{' ? 1U : 0U);
  }
  void close() {
    --depth_;
    objects_ >>= 1;
  }
  bool in_object() const { return (objects_ & 1) != 0; }
  char closing() const { return in_object() ? '}' : ']'; }

  bool is_scalar(std::size_t start) const {
    switch (text_[start]) {
      case 't':
        return is_word(start, "true");
      case 'f':
        return is_word(start, "false");
      case 'n':
        return is_word(start, "null");
      default:
        return is_number(text_.data() + start);
    }
  }
  // A template for its constant size, with which no function is called to compare.
  template <std::size_t kSize>
  bool is_word(std::size_t start, const char (&word)[kSize]) const {
    constexpr std::size_t kLetters = kSize - 1;
    return text_.size() - start > kLetters &&
           std::memcmp(text_.data() + start, word, kLetters) == 0 &&
           ends_scalar(text_[start + kLetters]);
  }

  std::string_view text_;
  const std::uint32_t* at_;
  const std::uint32_t* end_;
  std::size_t depth_ = 0;
  std::uint64_t objects_ = 0;  // a bit for each level, the deepest last: object, not array
};

}  // namespace

bool outline_is_json(std::string_view text, std::span<const std::uint32_t> starts) {
  if (starts.empty()) return false;
  // Nothing but white space is behind it; see is_number() for why it has to be a bracket.
  const char last = text[starts.back()];
  if (last != '}' && last != ']') return false;
  return Outline(text, starts).is_container() && escapes_are_right(text);
}

}  // namespace sluice::codec
