// JSON as RFC 8259 prints it, one function a rule: slow, recursive and easy to check by eye. The
// model that the fast proof is compared with.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::test {

class SlowJson {
 public:
  static bool is_json(std::string_view text) {
    SlowJson json(text);
    json.blanks();
    const bool ok = json.value();
    json.blanks();
    return ok && json.at_ == text.size() && is_utf8(text);
  }

 private:
  explicit SlowJson(std::string_view text) : text_(text) {}

  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  bool take(char c) { return peek() == static_cast<unsigned char>(c) && ++at_ > 0; }
  bool word(std::string_view w) {
    if (!text_.substr(at_).starts_with(w)) return false;
    at_ += w.size();
    return true;
  }
  void blanks() {
    while (take(' ') || take('\t') || take('\n') || take('\r')) {
    }
  }
  bool digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
  }

  bool value() {
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  bool array() {
    take('[');
    blanks();
    if (take(']')) return true;
    do {
      blanks();
      if (!value()) return false;
      blanks();
    } while (take(','));
    return take(']');
  }

  bool object() {
    take('{');
    blanks();
    if (take('}')) return true;
    do {
      blanks();
      if (peek() != '"' || !string()) return false;
      blanks();
      if (!take(':')) return false;
      blanks();
      if (!value()) return false;
      blanks();
    } while (take(','));
    return take('}');
  }

  bool string() {
    take('"');
    while (!take('"')) {
      if (peek() < 0x20) return false;
      if (take('\\')) {
        if (!escape()) return false;
      } else {
        ++at_;
      }
    }
    return true;
  }

  bool escape() {
    if (peek() != 'u') {
      return peek() > 0 &&
             std::string_view("\"\\/bfnrt").find(static_cast<char>(peek())) !=
                 std::string_view::npos &&
             ++at_ > 0;
    }
    const long unit = code_unit();
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return false;
    if (unit < 0xD800 || unit > 0xDBFF) return true;
    if (!take('\\')) return false;
    const long low = code_unit();
    return low >= 0xDC00 && low <= 0xDFFF;
  }

  long code_unit() {
    if (!take('u')) return -1;
    const std::string hex(text_.substr(at_, 4));
    at_ += hex.size();
    if (hex.size() != 4 || hex.find_first_not_of("0123456789abcdefABCDEF") != hex.npos) return -1;
    return std::strtol(hex.c_str(), nullptr, 16);
  }

  static bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const auto byte = [&](std::size_t k) {
        return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
      };
      const unsigned lead = byte(0);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4) return false;
      for (std::size_t k = 1; k < length; ++k) {
        if ((byte(k) & 0xC0U) != 0x80) return false;
      }
      if (lead == 0xE0 && byte(1) < 0xA0) return false;
      if (lead == 0xED && byte(1) > 0x9F) return false;
      if (lead == 0xF0 && byte(1) < 0x90) return false;
      if (lead == 0xF4 && byte(1) > 0x8F) return false;
      i += length;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace sluice::test
