// The YAML file as a plain tree that keeps what the rest needs: places, duplicate keys, quotes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::config {

// Both count from 1.
struct Place {
  int line = 1;
  int column = 1;
};

struct Node;
// Shared, since an alias (*name) stands for the node of its anchor (&name).
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
  std::string key;
  Place place;  // of the key
  NodePtr value;
};

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  Place place;
  std::string text;            // scalar
  bool quoted = false;         // scalar: a string, whatever it looks like
  std::vector<NodePtr> items;  // sequence
  std::vector<Entry> entries;  // map, as in the file: a key that stands twice is here twice
};

struct DocumentError {
  Place place;
  std::string cause;
  std::string remedy;
};

// Exactly one document, of UTF-8 without control characters. The tree has no cycles.
tl::expected<NodePtr, DocumentError> parse_document(std::string_view text);

}  // namespace sluice::config
