#include "codec/schema_rules.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <regex>
#include <string>
#include <unordered_set>
#include <vector>

#include "codec/date_time.h"
#include "codec/rapidjson.h"
// The line keeps the order.
#include <valijson/constraint_builder.hpp>
#include <valijson/constraints/concrete_constraints.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>

namespace sluice::codec {
namespace {

using valijson::adapters::Adapter;
using valijson::constraints::Constraint;

// A keyword: how a value is judged and what is said of one that fails.
struct Judgement {
  std::function<bool(const Adapter&)> holds;
  std::string rule;
};

class Rule final : public valijson::constraints::PolyConstraint {
 public:
  explicit Rule(Judgement judgement) : judgement_(std::move(judgement)) {}

  bool validate(const Adapter& target, const std::vector<std::string>& context,
                valijson::ValidationResults* results) const override {
    if (judgement_.holds(target)) return true;
    if (results != nullptr) results->pushError(context, judgement_.rule);
    return false;
  }

 private:
  Constraint* cloneInto(void* memory) const override { return new (memory) Rule(*this); }
  std::size_t sizeOf() const override { return sizeof(Rule); }

  Judgement judgement_;
};

class RuleBuilder final : public valijson::ConstraintBuilder {
 public:
  using Read = Judgement (*)(const Adapter& keyword_value);

  explicit RuleBuilder(Read read) : read_(read) {}
  Constraint* make(const Adapter& keyword_value) const override {
    return new Rule(read_(keyword_value));
  }

 private:
  Read read_;
};

[[noreturn]] void refuse(const std::string& why) { throw std::runtime_error(why); }

bool is_type(const Adapter& value, const std::string& type) {
  if (type == "object") return value.isObject();
  if (type == "array") return value.isArray();
  if (type == "string") return value.isString();
  if (type == "number") return value.isNumber();
  if (type == "boolean") return value.isBool();
  if (type == "null") return value.isNull();
  // Beyond 64 bits it is a double; it has no digit behind the point then.
  return value.isInteger() ||
         (value.isDouble() && value.getDouble() == std::trunc(value.getDouble()));
}

void add_type(const Adapter& name, std::vector<std::string>& types) {
  static const std::unordered_set<std::string> kTypes{"object",  "array", "string", "number",
                                                      "boolean", "null",  "integer"};
  if (!name.isString() || !kTypes.contains(name.getString())) {
    refuse(
        "'type' must be object, array, string, number, integer, boolean, null or a list of them");
  }
  types.push_back(name.getString());
}

Judgement read_type(const Adapter& keyword_value) {
  std::vector<std::string> types;
  if (keyword_value.isArray()) {
    keyword_value.applyToArray([&](const Adapter& name) {
      add_type(name, types);
      return true;
    });
  } else {
    add_type(keyword_value, types);
  }
  std::string rule = "must be of type ";
  for (const std::string& type : types) rule += (&type == &types.front() ? "" : " or ") + type;
  return {[types](const Adapter& value) {
            for (const std::string& type : types) {
              if (is_type(value, type)) return true;
            }
            return false;
          },
          rule};
}

Judgement read_pattern(const Adapter& keyword_value) {
  if (!keyword_value.isString()) refuse("'pattern' must be a string");
  const std::string pattern = keyword_value.getString();
  // Without libstdc++'s __polynomial a match recurses once per byte and may take exponential time.
  std::shared_ptr<const std::regex> regex;
  try {
    regex = std::make_shared<std::regex>(
        pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
  } catch (const std::regex_error& error) {
    refuse("'pattern' " + pattern + " cannot be used: " + error.what());
  }
  return {[regex](const Adapter& value) {
            if (!value.isString()) return true;
            const std::string text = value.getString();
            return text.size() <= kLongestForPattern && std::regex_search(text, *regex);
          },
          "must match the pattern " + pattern + " and have at most " +
              std::to_string(kLongestForPattern) + " bytes"};
}

Judgement read_format(const Adapter& keyword_value) {
  if (!keyword_value.isString()) refuse("'format' must be a string");
  static const std::map<std::string, bool (*)(std::string_view)> kChecked{
      {"date", is_date}, {"time", is_time}, {"date-time", is_date_time}};
  const std::string format = keyword_value.getString();
  const auto found = kChecked.find(format);
  // The standard leaves it to us which formats are more than a remark.
  if (found == kChecked.end()) return {[](const Adapter&) { return true; }, {}};
  return {[check = found->second](const Adapter& value) {
            return !value.isString() || check(value.getString());
          },
          "must be a " + format};
}

bool is_multiple(const Adapter& value, double divisor) {
  const double quotient = value.getNumber() / divisor;
  // 10.55 / 0.01 is 1055.0000000000002: as near as doubles come to a whole number.
  constexpr double kRoundingError = 4 * std::numeric_limits<double>::epsilon();
  return std::abs(quotient - std::round(quotient)) <= kRoundingError * std::abs(quotient);
}

Judgement read_multiple_of(const Adapter& keyword_value) {
  if (!keyword_value.isNumber() || keyword_value.getNumber() <= 0) {
    refuse("'multipleOf' must be a number above 0");
  }
  const double divisor = keyword_value.getNumber();
  return {
      [divisor](const Adapter& value) { return !value.isNumber() || is_multiple(value, divisor); },
      "must be a multiple of the schema's multipleOf"};
}

// Equal values give equal texts, different ones different texts.
void append_canonical(const Adapter& value, std::string& out) {
  if (value.isArray()) {
    out += '[';
    value.applyToArray([&](const Adapter& element) {
      append_canonical(element, out);
      return true;
    });
    out += ']';
  } else if (value.isObject()) {
    std::map<std::string, std::string> members;
    value.applyToObject([&](const std::string& name, const Adapter& member) {
      append_canonical(member, members[name]);
      return true;
    });
    out += '{';
    for (const auto& [name, text] : members) out += std::to_string(name.size()) + ':' + name + text;
    out += '}';
  } else if (value.isString()) {
    const std::string text = value.getString();
    out += 's' + std::to_string(text.size()) + ':' + text;
  } else if (value.isInteger()) {
    out += 'i' + std::to_string(value.getInteger()) + ';';
  } else if (value.isDouble()) {
    out += 'd' + std::to_string(std::bit_cast<std::uint64_t>(value.getDouble())) + ';';
  } else {
    out += value.isNull() ? 'n' : value.getBool() ? 't' : 'f';
  }
}

bool has_unique_items(const Adapter& array) {
  std::unordered_set<std::string> seen;
  return array.applyToArray([&](const Adapter& element) {
    std::string text;
    append_canonical(element, text);
    return seen.insert(std::move(text)).second;
  });
}

Judgement read_unique_items(const Adapter& keyword_value) {
  if (!keyword_value.isBool()) refuse("'uniqueItems' must be true or false");
  if (!keyword_value.getBool()) return {[](const Adapter&) { return true; }, {}};
  return {[](const Adapter& value) { return !value.isArray() || has_unique_items(value); },
          "must not hold two equal items"};
}

}  // namespace

void add_rules(valijson::SchemaParser& parser) {
  constexpr std::array<RuleBuilder::Read, kReplacedKeywords.size()> kReaders{
      read_type, read_pattern, read_format, read_multiple_of, read_unique_items};
  for (std::size_t i = 0; i < kReplacedKeywords.size(); ++i) {
    // The parser owns its builders.
    parser.addConstraintBuilder(kReplacedKeywords[i].ours, new RuleBuilder(kReaders[i]));
  }
}

}  // namespace sluice::codec
