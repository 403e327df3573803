// Text in columns.
#pragma once

#include <string>
#include <string_view>

namespace sluice::explain {

// Lines of about 100 columns under headings.
class Lines {
 public:
  void heading(std::string_view text);
  // `text` is one line of UTF-8, broken between words and continued in its own column.
  void line(std::string_view name, std::string_view text);
  // As it is, but for control characters, indented.
  void verbatim(std::string_view text);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace sluice::explain
