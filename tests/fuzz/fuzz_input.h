// What the fuzz targets share: an input cut into lines, and promises that end the process.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

// libFuzzer's entry point; replay_main.cc calls it too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sluice::fuzz {

// Ends the process where `holds` is false: that is what a fuzzer counts as a find.
inline void require(bool holds, std::string_view promise, std::string_view seen = {}) {
  if (holds) return;
  std::cerr << "BROKEN PROMISE: " << promise << "\n  seen: " << seen << std::endl;
  std::abort();
}

// No control character: nothing that begins another line of a log or a header.
inline bool is_one_line(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

// Inputs are lines of text, so that a person can write and read them.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : left_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return left_.empty(); }
  // Everything that no line has taken.
  std::string_view rest() const { return left_; }

  // The next line, without its end.
  std::string_view line() {
    const std::size_t end = left_.find('\n');
    const std::string_view line = left_.substr(0, end);
    left_.remove_prefix(end == left_.npos ? left_.size() : end + 1);
    return line;
  }

  // The next line with \n, \r, \0 and \\ in it resolved: a line cannot hold its own end.
  std::string text() {
    const std::string_view raw = line();
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const bool escape = raw[i] == '\\' && i + 1 < raw.size();
      out += escape ? unescaped(raw[++i]) : raw[i];
    }
    return out;
  }

  // The next line as a number; 0 where it is none.
  std::int64_t number() {
    const std::string_view digits = line();
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }

  // The next line as one of the numbers below `count`.
  std::size_t choice(std::size_t count) { return static_cast<std::uint64_t>(number()) % count; }

 private:
  static char unescaped(char c) {
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case '0':
        return '\0';
      default:
        return c;
    }
  }

  std::string_view left_;
};

}  // namespace sluice::fuzz
