#include "config/schema.h"

#include <map>
#include <set>
#include <string_view>

#include "config/form.h"
#include "config/key_texts.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

using std::string;

// "a [link](to.md) in `Markdown`" as an editor shows it: without where the links lead.
string plain_text(std::string_view markdown) {
  string out;
  while (!markdown.empty()) {
    const std::size_t middle = markdown.find("](");
    const std::size_t open = markdown.substr(0, middle).rfind('[');
    if (middle == markdown.npos || open == markdown.npos) return out.append(markdown);
    out.append(markdown.substr(0, open)).append(markdown.substr(open + 1, middle - open - 1));
    markdown.remove_prefix(std::min(markdown.find(')', middle), markdown.size() - 1) + 1);
  }
  return out;
}

string joined(std::initializer_list<string> parts) {
  string out;
  for (const string& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : ",") + part;
  }
  return out;
}

string all_of(const string& schemas) {
  return schemas.empty() ? "" : "\"allOf\":[" + schemas + "]";
}

class Writer {
 public:
  // Keywords of a schema for `form`; what it defines goes into definitions().
  string keywords(const Form& form, const string& path) {
    if (!form.definition.empty()) return all_of(reference(form, path));
    return without_definition(form, path);
  }
  string definitions() const {
    string out;
    for (const auto& [name, schema] : definitions_) {
      out += (out.empty() ? "" : ",") + json_quoted(name) + ":{" + schema + "}";
    }
    return "\"definitions\":{" + out + "}";
  }

 private:
  string reference(const Form& form, const string& path) {
    if (!definitions_.contains(form.definition)) {
      definitions_[form.definition];  // once, though it is not there yet
      definitions_[form.definition] = without_definition(form, path);
    }
    return "{\"$ref\":\"#/definitions/" + form.definition + "\"}";
  }

  // Where several kinds of value are possible, the kind decides, so that what is wrong with one is
  // not lost among what is wrong with the others.
  string without_definition(const Form& form, const string& path) {
    string rest = form.keywords;
    if (form.is_map()) rest = choose("object", map(form, path), rest);
    if (!form.item) return rest;
    if (!form.item->definition.empty()) rest = keywords(*form.item, path);
    return choose("array", list(form, path), rest);
  }

  static string choose(const char* type, const string& then, const string& otherwise) {
    if (otherwise.empty()) return then;
    return R"("if":{"type":")" + string(type) + R"("},"then":{)" + then + R"(},"else":{)" +
           otherwise + "}";
  }

  string list(const Form& form, const string& path) {
    const string inside = form.is_map() ? path : path + "[]";
    string item = keywords(*form.item, inside);
    if (!form.in_list.empty()) item = all_of("{" + item + "}," + form.in_list);
    return R"("type":"array","minItems":1,"items":{)" + item + "}";
  }

  string map(const Form& form, const string& path) {
    if (!form.variants.empty()) return one_of_variants(form, path);
    if (form.named) return named(form, path);
    string properties;
    string required;
    for (const KeyForm& key : form.keys) {
      properties += (properties.empty() ? "" : ",") + json_quoted(key.name) + ":{" +
                    described(key, path.empty() ? key.name : path + "." + key.name) + "}";
      if (key.required) required += (required.empty() ? "" : ",") + json_quoted(key.name);
    }
    return joined({R"("type":"object")", "\"properties\":{" + properties + "}",
                   R"("additionalProperties":false)",
                   required.empty() ? "" : "\"required\":[" + required + "]", all_of(form.rules)});
  }

  string described(const KeyForm& key, const string& path) {
    const KeyText* const text = find_key_text(path);
    const string description =
        text == nullptr ? "" : "\"description\":" + json_quoted(plain_text(meaning(*text, key)));
    const string fallback =
        key.required || key.form.fallback.empty() ? "" : "\"default\":" + key.form.fallback;
    return joined({description, fallback, keywords(key.form, path)});
  }

  static string meaning(const KeyText& text, const KeyForm& key) {
    return meaning_of(text, words_of_form(key.form)) +
           (key.form.bounds.empty() ? "" : "; " + key.form.bounds);
  }

  string named(const Form& form, const string& path) {
    string below = keywords(*form.named, path + ".*");
    if (!form.below.empty()) below = all_of("{" + below + "}," + form.below);
    const string names = form.names.empty()
                             ? "\"additionalProperties\":{" + below + "}"
                             : "\"patternProperties\":{" + json_quoted(form.names) + ":{" + below +
                                   R"(}},"additionalProperties":false)";
    return joined({R"("type":"object")", form.needs_one ? R"("minProperties":1)" : "", names});
  }

  string one_of_variants(const Form& form, const string& path) {
    string words;
    string rules;
    for (const FormVariant& variant : form.variants) {
      words += (words.empty() ? "" : ",") + json_quoted(variant.word);
      rules += (rules.empty() ? "" : ",") +
               (R"({"if":{"properties":{"type":{"enum":[)" + json_quoted(variant.word)) +
               R"(]}},"required":["type"]},"then":{)" +
               map(variant.map, path + "(" + variant.word + ")") + "}}";
    }
    return joined({R"("type":"object","required":["type"])",
                   R"("properties":{"type":{"enum":[)" + words + "]}}", all_of(rules)});
  }

  std::map<string, string> definitions_;
};

// By two blanks a level; an empty map or list stays on its line.
string indented(const string& json) {
  string out;
  string margin = "\n";
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted || c == '"') {
      if (c == '"') quoted = !quoted;
      out += c;
      if (quoted && c == '\\') out += json[++i];
    } else if (c == '{' || c == '[') {
      margin += "  ";
      (out += c) += json[i + 1] == c + 2 ? "" : margin;
    } else if (c == '}' || c == ']') {
      margin.resize(margin.size() - 2);
      if (json[i - 1] != c - 2) out += margin;
      out += c;
    } else {
      out += c;
      if (c == ',') out += margin;
      if (c == ':') out += ' ';
    }
  }
  return out + '\n';
}

class Walk {
 public:
  std::vector<KeyInSchema> keys;

  void map(const Form& form, const string& path) {
    for (const KeyForm& key : form.keys) one(key, path.empty() ? key.name : path + "." + key.name);
    for (const FormVariant& variant : form.variants)
      map(variant.map, path + "(" + variant.word + ")");
    if (form.named) below(*form.named, path + ".*");
  }

 private:
  void one(const KeyForm& key, const string& path) {
    const Form& form = key.form;
    const bool has_keys = form.is_map() || (form.item && form.item->is_map());
    keys.push_back({path, key.required, has_keys, key.required ? "" : form.fallback, form.bounds,
                    words_of_form(form)});
    below(form, path);
  }

  void below(const Form& form, const string& path) {
    const Form& single = form.item && !form.item->definition.empty() ? *form.item : form;
    if (!single.definition.empty() && !seen_.insert(single.definition).second) return;
    map(single, path);
    if (form.item && !form.is_map()) map(*form.item, path + "[]");
  }

  std::set<string> seen_;
};

}  // namespace

string json_schema() {
  Writer writer;
  const string file = writer.keywords(form_of_file(), "");
  return indented("{" +
                  joined({R"("$schema":"http://json-schema.org/draft-07/schema#")",
                          R"("title":"Configuration of Sluice")", file, writer.definitions()}) +
                  "}");
}

std::vector<KeyInSchema> all_keys() {
  Walk walk;
  walk.map(form_of_file(), "");
  return walk.keys;
}

}  // namespace sluice::config
