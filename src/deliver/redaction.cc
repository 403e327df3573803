#include "deliver/redaction.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sluice::deliver {
namespace {

constexpr std::string_view kMask = "[redacted]";
// An answer may cut what it echoes, and so may we. What is shorter is a word like any other.
constexpr std::size_t kTelling = 8;

struct Character {
  char value = 0;
  std::size_t length = 1;  // of its form in the text
};

// The byte that `digits`, all of them, stand for.
std::optional<char> number(std::string_view digits, int base) {
  unsigned value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc() || stop != end || value > 0x7f) return std::nullopt;
  return static_cast<char>(value);
}

// "&#61;", "&#x3D;", "&amp;"
std::optional<Character> html_character(std::string_view text) {
  constexpr std::size_t kLongest = 8;
  const std::size_t end = text.substr(0, kLongest).find(';');
  if (end == text.npos) return std::nullopt;
  const std::string_view name = text.substr(1, end - 1);
  std::optional<char> value;
  if (name.starts_with("#x") || name.starts_with("#X")) {
    value = number(name.substr(2), 16);
  } else if (name.starts_with('#')) {
    value = number(name.substr(1), 10);
  } else if (name == "amp") {
    value = '&';
  } else if (name == "lt") {
    value = '<';
  } else if (name == "gt") {
    value = '>';
  } else if (name == "quot") {
    value = '"';
  }
  return value ? std::optional(Character{*value, end + 1}) : std::nullopt;
}

// The character that `text` begins with, its escape undone.
Character unescaped(std::string_view text) {
  const char first = text.front();
  if (first == '%' && text.size() >= 3) {
    if (const auto value = number(text.substr(1, 2), 16)) return {*value, 3};
  } else if (first == '\\' && text.size() >= 6 && text[1] == 'u') {
    if (const auto value = number(text.substr(2, 4), 16)) return {*value, 6};
  } else if (first == '\\' && text.size() >= 2) {
    return {text[1], 2};
  } else if (first == '&') {
    if (const auto character = html_character(text)) return *character;
  }
  return {first, 1};
}

Character as_it_is(std::string_view text) { return {text.front(), 1}; }

// The bytes of `text` that begin as `secret` does, where that tells too much of it; else 0.
std::size_t telling(std::string_view text, std::string_view secret,
                    Character (*read)(std::string_view)) {
  std::size_t at = 0;
  std::size_t same = 0;
  while (same < secret.size() && at < text.size()) {
    Character next = read(text.substr(at));
    if (next.value != secret[same]) next = as_it_is(text.substr(at));
    if (next.value != secret[same]) break;
    at += next.length;
    ++same;
  }
  return same >= std::min(secret.size(), kTelling) ? at : 0;
}

std::size_t secret_at(std::string_view text, const std::vector<std::string>& secrets) {
  std::size_t longest = 0;
  for (const std::string& secret : secrets) {
    longest =
        std::max({longest, telling(text, secret, as_it_is), telling(text, secret, unescaped)});
  }
  return longest;
}

}  // namespace

std::string redacted(std::string_view text, std::size_t limit,
                     const std::vector<std::string>& secrets) {
  std::string out;
  std::size_t at = 0;
  while (at < std::min(limit, text.size())) {
    const std::size_t secret = secret_at(text.substr(at), secrets);
    if (secret == 0) {
      out += text[at++];
    } else {
      out += kMask;
      at += secret;
    }
  }
  out.resize(std::min(out.size(), limit));
  return out;
}

}  // namespace sluice::deliver
