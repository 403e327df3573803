// Reads single values out of a record or an API's answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::codec {

// For people: a pointer into an answer; the empty one leads to all of it.
std::string shown_pointer(const std::string& pointer);

// The integer at an RFC 6901 pointer; nullopt where the text is not JSON, nothing stands there,
// or it is no integer. Off the hot path: once per answer.
std::optional<std::int64_t> integer_at(std::string_view json, const std::string& pointer);

// For each RFC 6901 pointer the string, number (as it is written), true or false that stands there;
// nullopt where nothing does, or what has no one text: null, a list, a map. Parses the whole value.
// Keeps its working memory, so that a steady flow allocates nothing of its own. Not thread-safe.
class TextReader {
 public:
  explicit TextReader(const std::vector<std::string>& pointers);
  ~TextReader();
  TextReader(TextReader&& other) noexcept;
  TextReader& operator=(TextReader&& other) noexcept;

  // One for each pointer, in their order; valid until the next call. `json` is known to be one JSON
  // value.
  using Texts = std::vector<std::optional<std::string_view>>;
  const Texts& read(std::string_view json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same once. Off the hot path.
std::vector<std::optional<std::string>> texts_at(std::string_view json,
                                                 const std::vector<std::string>& pointers);

// For each item of the list at `list` the texts at `pointers`, as texts_at() reads them; nullopt
// where the text is not JSON, or no list stands there. Off the hot path: once per answer.
std::optional<std::vector<std::vector<std::optional<std::string>>>> items_at(
    std::string_view json, const std::string& list, const std::vector<std::string>& pointers);

}  // namespace sluice::codec
