// What each key means, for docs/configuration.md and for editors.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::config {

struct KeyText {
  std::string_view path;  // as KeyInSchema has it
  // Where the table's own default does not say it; Markdown.
  std::string_view fallback;
  // Markdown, without the bounds, which follow; {words}: those that it may be.
  std::string_view meaning;
};

// The keys of one table of docs/configuration.md, in its order.
struct KeySection {
  std::string_view name;    // in docs/configuration.md
  std::string_view prefix;  // of the paths, which the table leaves out
  std::span<const KeyText> keys;
};

std::span<const KeySection> key_sections();
// Keys without a line in a table: the maps that the others stand in, and credentials, which have a
// table by type.
std::span<const KeyText> other_keys();

// With its words, those of the form, filled in.
std::string meaning_of(const KeyText& text, std::string_view words);

// Null: there is none.
const KeyText* find_key_text(std::string_view path);

}  // namespace sluice::config
