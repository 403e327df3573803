// All that a value gets wrong of a JSON Schema, each with its place: a validator of its own for the
// keywords that the configuration's schema has, since valijson stops at the first and names few
// places. That both come to the same verdict is tested with every file.
#pragma once

#include <rapidjson/document.h>

#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace sluice::config {

struct Finding {
  std::string path;  // as the loader writes it
  std::string text;
};

class SchemaFindings {
 public:
  using Json = rapidjson::Value;

  explicit SchemaFindings(const Json& root) : root_(root) {}

  std::vector<Finding> of(const Json& value) {
    std::vector<Finding> out;
    check(root_, value, "", out);
    return out;
  }

 private:
  bool holds(const Json& schema, const Json& value) {
    std::vector<Finding> out;
    check(schema, value, "", out);
    return out.empty();
  }

  void check(const Json& schema, const Json& value, const std::string& path,
             std::vector<Finding>& out) {
    for (const auto& keyword : schema.GetObject()) {
      check_one(keyword.name.GetString(), keyword.value, schema, value, path, out);
    }
  }

  void check_one(const std::string& name, const Json& rule, const Json& schema, const Json& value,
                 const std::string& path, std::vector<Finding>& out) {
    const auto wrong = [&](const std::string& text) { out.push_back({path, text}); };
    if (name == "$ref") {
      check(root_["definitions"][std::string(rule.GetString()).substr(14).c_str()], value, path,
            out);
    } else if (name == "type") {
      if (!is_of(rule, value)) wrong("type");
    } else if (name == "enum") {
      if (!is_among(rule, value)) wrong("enum");
    } else if (name == "pattern") {
      if (value.IsString() && !matches(rule.GetString(), value.GetString())) wrong("pattern");
    } else if (name == "minimum" || name == "maximum" || name == "exclusiveMinimum") {
      if (value.IsNumber() && !is_within(name, rule.GetDouble(), value.GetDouble())) wrong(name);
    } else if (name == "allOf") {
      for (const Json& each : rule.GetArray()) check(each, value, path, out);
    } else if (name == "anyOf" || name == "oneOf") {
      std::size_t held = 0;
      for (const Json& each : rule.GetArray()) held += holds(each, value) ? 1 : 0;
      if (held == 0 || (held > 1 && name == "oneOf")) wrong(name);
    } else if (name == "not") {
      if (holds(rule, value)) wrong("not");
    } else if (name == "if") {
      const char* const branch = holds(rule, value) ? "then" : "else";
      if (schema.HasMember(branch)) check(schema[branch], value, path, out);
    } else if (!is_of_list(name, rule, value, path, out) &&
               !is_of_map(name, rule, schema, value, path, out) && !says_nothing(name)) {
      throw std::invalid_argument("what does " + name + " mean?");
    }
  }

  bool is_of_list(const std::string& name, const Json& rule, const Json& value,
                  const std::string& path, std::vector<Finding>& out) {
    if (name != "items" && name != "minItems" && name != "contains") return false;
    if (!value.IsArray()) return true;
    if (name == "minItems" && value.Size() < rule.GetUint()) out.push_back({path, name});
    bool contained = false;
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
      if (name == "items") check(rule, value[i], path + "[" + std::to_string(i) + "]", out);
      contained = contained || (name == "contains" && holds(rule, value[i]));
    }
    if (name == "contains" && !contained) out.push_back({path, name});
    return true;
  }

  bool is_of_map(const std::string& name, const Json& rule, const Json& schema, const Json& value,
                 const std::string& path, std::vector<Finding>& out) {
    if (name == "properties" || name == "patternProperties" || name == "additionalProperties") {
      if (value.IsObject()) check_properties(name, rule, schema, value, path, out);
      return true;
    }
    if (name != "required" && name != "minProperties" && name != "dependencies") return false;
    if (!value.IsObject()) return true;
    if (name == "minProperties" && value.MemberCount() < rule.GetUint())
      out.push_back({path, name});
    if (name == "required") check_required(rule, value, path, out);
    if (name != "dependencies") return true;
    for (const auto& each : rule.GetObject()) {
      if (!value.HasMember(each.name)) continue;
      std::vector<Finding> missing;
      check_required(each.value, value, path, missing);
      if (!missing.empty()) out.push_back({child(path, each.name.GetString()), name});
    }
    return true;
  }

  static void check_required(const Json& rule, const Json& value, const std::string& path,
                             std::vector<Finding>& out) {
    for (const Json& key : rule.GetArray()) {
      if (!value.HasMember(key)) out.push_back({child(path, key.GetString()), "required"});
    }
  }

  void check_properties(const std::string& name, const Json& rule, const Json& schema,
                        const Json& value, const std::string& path, std::vector<Finding>& out) {
    for (const auto& member : value.GetObject()) {
      const std::string key = member.name.GetString();
      const std::string below = child(path, key);
      if (name == "properties" && rule.HasMember(key.c_str())) {
        check(rule[key.c_str()], member.value, below, out);
      } else if (name == "patternProperties") {
        for (const auto& each : rule.GetObject()) {
          if (matches(each.name.GetString(), key)) check(each.value, member.value, below, out);
        }
      } else if (name == "additionalProperties" && !is_known(schema, key)) {
        if (rule.IsObject()) {
          check(rule, member.value, below, out);
        } else if (!rule.GetBool()) {
          out.push_back({below, "additionalProperties"});
        }
      }
    }
  }

  bool is_known(const Json& schema, const std::string& key) {
    if (schema.HasMember("properties") && schema["properties"].HasMember(key.c_str())) return true;
    if (!schema.HasMember("patternProperties")) return false;
    for (const auto& each : schema["patternProperties"].GetObject()) {
      if (matches(each.name.GetString(), key)) return true;
    }
    return false;
  }

  static bool is_of(const Json& rule, const Json& value) {
    if (rule.IsArray()) {
      for (const Json& each : rule.GetArray()) {
        if (is_of(each, value)) return true;
      }
      return false;
    }
    const std::string type = rule.GetString();
    if (type == "integer") return value.IsInt64();
    return (type == "string" && value.IsString()) || (type == "number" && value.IsNumber()) ||
           (type == "boolean" && value.IsBool()) || (type == "object" && value.IsObject()) ||
           (type == "array" && value.IsArray());
  }

  static bool is_among(const Json& rule, const Json& value) {
    for (const Json& each : rule.GetArray()) {
      if (each.IsNumber() && value.IsNumber() && each.GetDouble() == value.GetDouble()) return true;
      if (each == value) return true;
    }
    return false;
  }

  static bool is_within(const std::string& name, double bound, double number) {
    if (name == "minimum") return number >= bound;
    return name == "maximum" ? number <= bound : number > bound;
  }

  static bool says_nothing(const std::string& name) {
    return name == "then" || name == "else" || name == "definitions" || name == "$schema" ||
           name == "title" || name == "description" || name == "default" ||
           name == "patternErrorMessage";
  }

  bool matches(const std::string& pattern, const std::string& text) {
    const auto compiled = patterns_.try_emplace(pattern, pattern).first;
    return std::regex_search(text, compiled->second);
  }

  static std::string child(const std::string& path, const std::string& key) {
    std::string shown = key;
    for (char& c : shown) c = static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return path.empty() ? shown : path + "." + shown;
  }

  const Json& root_;
  std::map<std::string, std::regex> patterns_;
};

}  // namespace sluice::config
