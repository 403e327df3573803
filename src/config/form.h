// What a value of the file may be, apart from reading it: a table of keys tells both, so that the
// JSON Schema and docs/configuration.md, which are made from forms, cannot differ from the loader.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::config {

struct KeyForm;
struct FormVariant;

// A single value, a map, a list, or whichever of those it names.
struct Form {
  // A single value: keywords of JSON Schema (draft-07) without the braces; empty: it is none.
  std::string keywords;
  std::vector<std::string> words;  // it is one of them
  std::string bounds;              // "1ms to 1h"
  std::string fallback;            // the default, as JSON; empty: none that can be written

  // A map: of keys that are known, of names that the user gives, or one that is another map by
  // each word of its key `type`.
  std::vector<KeyForm> keys;
  std::string rules;                  // JSON Schemas, with commas, that the map has to fit as well
  std::shared_ptr<const Form> named;  // below any name
  std::string names;                  // pattern of the name; empty: any
  bool needs_one = false;             // at least one name
  std::string below;                  // JSON Schemas, with commas, for what stands below a name
  std::vector<FormVariant> variants;

  // A list of at least one.
  std::shared_ptr<const Form> item;
  std::string in_list;  // JSON Schemas, with commas, for an item

  std::string definition;  // where not empty: it is written once, under that name

  bool is_map() const { return !keys.empty() || named || !variants.empty(); }
};

struct KeyForm {
  std::string name;
  bool required = false;
  Form form;
};

struct FormVariant {
  std::string word;
  Form map;
};

std::string json_quoted(std::string_view text);
// "`a`, `b`"
std::string words_of_form(const Form& form);

// Text that matches; what it has to be is said by `wanted`, for an editor to show. With `or_number`
// what YAML takes for a number or a truth value counts as the text that it is written as.
Form pattern_form(const std::string& pattern, std::string_view wanted, bool or_number = false);
Form words_form(std::vector<std::string> words);
Form list_form(Form item);
Form one_or_list_form(Form item);
// A map from the user's names, which match `pattern`, to values; where it is empty, any do.
Form named_form(Form value, std::string pattern = {});
// Also one of these words where a map would stand.
Form or_words(Form map, std::vector<std::string> words);
Form with_rules(Form map, std::string rules);
// With more keywords for its single value.
Form with_keywords(Form form, std::string_view keywords);
Form without_default(Form form);

// Rules of maps.
std::string together(std::string_view one, std::string_view other);
std::string not_both(std::string_view one, std::string_view other);
std::string needs(std::string_view key, std::string_view other);

}  // namespace sluice::config
