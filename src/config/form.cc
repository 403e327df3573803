#include "config/form.h"

namespace sluice::config {
namespace {

std::string list_of(std::string_view one, std::string_view other) {
  return "[" + json_quoted(one) + "," + json_quoted(other) + "]";
}

// What YAML's core schema makes of a word without quotes. Older readers of YAML take on and off
// for truth values, too.
std::string otherwise_read(const std::string& word) {
  if (word == "on") return "true";
  if (word == "off") return "false";
  return word.find_first_not_of("0123456789.") == word.npos ? word : "";
}

}  // namespace

std::string json_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20) {
      ((out += "\\u00") += kHex[byte >> 4U]) += kHex[byte & 0xFU];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string words_of_form(const Form& form) {
  std::string out;
  for (const std::string& word : form.words) out += (out.empty() ? "`" : ", `") + word + "`";
  return out;
}

Form pattern_form(const std::string& pattern, std::string_view wanted, bool or_number) {
  Form form;
  form.keywords = or_number ? R"("type":["string","number","boolean"])" : R"("type":"string")";
  form.keywords += ",\"pattern\":" + json_quoted(pattern);
  // Not of the standard, and known to the editors: what they say instead of the pattern.
  form.keywords += ",\"patternErrorMessage\":" + json_quoted(wanted);
  return form;
}

Form words_form(std::vector<std::string> words) {
  Form form;
  for (const std::string& word : words) {
    form.keywords += (form.keywords.empty() ? "\"enum\":[" : ",") + json_quoted(word);
  }
  for (const std::string& word : words) {
    if (const std::string other = otherwise_read(word); !other.empty())
      form.keywords += "," + other;
  }
  form.keywords += "]";
  form.words = std::move(words);
  return form;
}

Form list_form(Form item) {
  Form form;
  form.item = std::make_shared<const Form>(std::move(item));
  return form;
}

Form one_or_list_form(Form item) {
  Form form = item;
  form.item = std::make_shared<const Form>(std::move(item));
  form.definition.clear();
  return form;
}

Form named_form(Form value, std::string pattern) {
  Form form;
  form.named = std::make_shared<const Form>(std::move(value));
  form.names = std::move(pattern);
  return form;
}

Form or_words(Form map, std::vector<std::string> words) {
  Form alone = words_form(std::move(words));
  map.keywords = std::move(alone.keywords);
  map.words = std::move(alone.words);
  return map;
}

Form with_rules(Form map, std::string rules) {
  map.rules = std::move(rules);
  return map;
}

Form with_keywords(Form form, std::string_view keywords) {
  (form.keywords += ",") += keywords;
  return form;
}

Form without_default(Form form) {
  form.fallback.clear();
  return form;
}

std::string together(std::string_view one, std::string_view other) {
  return needs(one, other) + "," + needs(other, one);
}

std::string not_both(std::string_view one, std::string_view other) {
  return "{\"not\":{\"required\":" + list_of(one, other) + "}}";
}

std::string needs(std::string_view key, std::string_view other) {
  return "{\"dependencies\":{" + json_quoted(key) + ":[" + json_quoted(other) + "]}}";
}

}  // namespace sluice::config
