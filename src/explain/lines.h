// Text in columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::explain {

// Lines under headings.
class Lines {
 public:
  // What is wider than `width` columns is broken, if there is a place for it; SIZE_MAX: nothing is.
  explicit Lines(std::size_t width) : width_(width) {}

  void heading(std::string_view text);
  // `text` is one line of UTF-8, broken between words and continued in its own column.
  void line(std::string_view name, std::string_view text);
  // As it is, but for control characters, indented.
  void verbatim(std::string_view text);
  std::string take() { return std::move(text_); }

 private:
  std::size_t width_;
  std::string text_;
};

}  // namespace sluice::explain
