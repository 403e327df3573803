#include "codec/schema_source.h"

#include <array>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/schema_rules.h"

namespace sluice::codec {
namespace {

using rapidjson::Value;

constexpr const char* kIgnored = "sluice:ignored";

// Where schemas stand in a schema. In place: they judge the same value; else a part of it.
enum class Holds { one, list, one_or_list, map };
struct Applicator {
  const char* keyword;
  Holds holds;
  bool in_place;
};
constexpr std::array kApplicators{
    Applicator{"allOf", Holds::list, true},
    Applicator{"anyOf", Holds::list, true},
    Applicator{"oneOf", Holds::list, true},
    Applicator{"not", Holds::one, true},
    Applicator{"if", Holds::one, true},
    Applicator{"then", Holds::one, true},
    Applicator{"else", Holds::one, true},
    Applicator{"dependencies", Holds::map, true},
    Applicator{"properties", Holds::map, false},
    Applicator{"patternProperties", Holds::map, false},
    Applicator{"additionalProperties", Holds::one, false},
    Applicator{"propertyNames", Holds::one, false},
    Applicator{"items", Holds::one_or_list, false},
    Applicator{"additionalItems", Holds::one, false},
    Applicator{"contains", Holds::one, false},
};

class Walk {
 public:
  explicit Walk(rapidjson::Document& root) : root_(root) {}

  Result<PreparedSchema> run() {
    check_draft();
    waiting_.emplace_back(&root_, "");
    while (!waiting_.empty() && !wrong_) {
      const auto [schema, place] = std::move(waiting_.back());
      waiting_.pop_back();
      visit(*schema, place);
    }
    if (!wrong_) refuse_endless();
    if (wrong_) return fail(*wrong_);
    return prepared_;
  }

 private:
  void refuse(const std::string& place, const std::string& why) {
    if (!wrong_) wrong_ = (place.empty() ? "top level" : place) + ": " + why;
  }

  void check_draft() {
    if (!root_.IsObject() || !root_.HasMember("$schema") || !root_["$schema"].IsString()) return;
    const std::string_view draft = root_["$schema"].GetString();
    for (const std::string_view known : {"draft-04", "draft-06", "draft-07", "org/schema#"}) {
      if (draft.find(known) != draft.npos) return;
    }
    refuse("/$schema", std::string(draft) + " is none of the drafts 4, 6 and 7");
  }

  void visit(Value& schema, const std::string& place) {
    if (schema.IsBool() || !seen_.insert(&schema).second) return;
    if (!schema.IsObject()) return refuse(place, "a schema must be an object, true or false");
    places_[&schema] = place;
    // The drafts ignore what stands beside a reference.
    if (schema.HasMember("$ref")) return follow(schema, place);
    for (const Applicator& applicator : kApplicators) {
      const auto found = schema.FindMember(applicator.keyword);
      if (found != schema.MemberEnd()) {
        visit_below(schema, applicator, found->value, place + "/" + applicator.keyword);
      }
    }
    check_property_patterns(schema, place);
    modernise(schema, "exclusiveMaximum", "maximum");
    modernise(schema, "exclusiveMinimum", "minimum");
    rename_keywords(schema);
  }

  void follow(Value& schema, const std::string& place) {
    const Value& reference = schema["$ref"];
    const std::string text = reference.IsString() ? reference.GetString() : "";
    if (text != "#" && !text.starts_with("#/")) {
      return refuse(place + "/$ref", "only references within the file are followed (#/...)");
    }
    const rapidjson::Pointer pointer(text.data(), text.size());
    Value* target = pointer.IsValid() ? pointer.Get(root_) : nullptr;
    if (target == nullptr) return refuse(place + "/$ref", text + " names nothing in the file");
    enter(schema, *target, true, text.substr(1));
  }

  void enter(Value& from, Value& schema, bool in_place, const std::string& place) {
    if (in_place) in_place_[&from].push_back(&schema);
    waiting_.emplace_back(&schema, place);
  }

  void visit_below(Value& schema, const Applicator& how, Value& value, const std::string& place) {
    if (value.IsArray() && (how.holds == Holds::list || how.holds == Holds::one_or_list)) {
      for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
        enter(schema, value[i], how.in_place, place + "/" + std::to_string(i));
      }
    } else if (value.IsObject() && how.holds == Holds::map) {
      for (auto& member : value.GetObject()) {
        // dependencies: a list of names is no schema.
        if (how.in_place && member.value.IsArray()) continue;
        enter(schema, member.value, how.in_place, place + "/" + member.name.GetString());
      }
    } else if (how.holds == Holds::one || how.holds == Holds::one_or_list) {
      enter(schema, value, how.in_place, place);
    } else {
      refuse(place, how.holds == Holds::map ? "must be an object" : "must be a list");
    }
  }

  void check_property_patterns(Value& schema, const std::string& place) {
    const auto found = schema.FindMember("patternProperties");
    if (found == schema.MemberEnd() || !found->value.IsObject()) return;
    prepared_.has_pattern_properties = true;
    for (const auto& member : found->value.GetObject()) {
      try {
        const std::regex compiled(member.name.GetString());
      } catch (const std::regex_error& error) {
        const std::string why = std::string(member.name.GetString()) + " cannot be used: ";
        return refuse(place + "/patternProperties", why + error.what());
      }
    }
  }

  // Only renames: removing a member would move others, which are known by address.
  void modernise(Value& schema, const char* exclusive, const char* inclusive) {
    const auto flag = schema.FindMember(exclusive);
    if (flag == schema.MemberEnd() || !flag->value.IsBool()) return;
    const bool is_exclusive = flag->value.GetBool();
    flag->name.SetString(rapidjson::StringRef(kIgnored));
    const auto bound = schema.FindMember(inclusive);
    if (is_exclusive && bound != schema.MemberEnd()) {
      bound->name.SetString(rapidjson::StringRef(exclusive));
    }
  }

  void rename_keywords(Value& schema) {
    for (const ReplacedKeyword& keyword : kReplacedKeywords) {
      const auto found = schema.FindMember(keyword.name);
      if (found != schema.MemberEnd()) found->name.SetString(rapidjson::StringRef(keyword.ours));
    }
    // References are resolved from the file's root alone, whatever it calls itself.
    const auto id = schema.FindMember("id");
    if (id != schema.MemberEnd()) id->name.SetString(rapidjson::StringRef(kIgnored));
  }

  void refuse_endless() {
    std::set<const Value*> finished;
    for (const auto& [schema, place] : places_) {
      std::set<const Value*> open;
      if (comes_back(schema, open, finished)) {
        return refuse(place, "refers to itself without a step into the value");
      }
    }
  }

  bool comes_back(const Value* schema, std::set<const Value*>& open,
                  std::set<const Value*>& finished) {
    if (finished.contains(schema)) return false;
    if (!open.insert(schema).second) return true;
    for (const Value* next : in_place_[schema]) {
      if (comes_back(next, open, finished)) return true;
    }
    open.erase(schema);
    finished.insert(schema);
    return false;
  }

  rapidjson::Document& root_;
  PreparedSchema prepared_;
  std::optional<std::string> wrong_;
  std::vector<std::pair<Value*, std::string>> waiting_;
  std::set<const Value*> seen_;
  std::map<const Value*, std::string> places_;
  std::map<const Value*, std::vector<const Value*>> in_place_;
};

}  // namespace

Result<PreparedSchema> prepare_schema(rapidjson::Document& root) { return Walk(root).run(); }

}  // namespace sluice::codec
