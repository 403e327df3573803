#include "codec/schema.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <utility>

#include "codec/json_dom.h"
#include "codec/json_grammar.h"
#include "codec/schema_rules.h"
#include "codec/schema_source.h"
// The line keeps the order: RapidJSON before valijson.
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace sluice::codec {
namespace {

// valijson recurses; this leaves it well within a thread's stack.
constexpr std::size_t kMaxDepth = 512;
// Above it the place of a violation is not looked for: valijson would collect every violation
// with its path.
constexpr std::size_t kMostValuesToLocate = 4096;
constexpr std::size_t kLongestPointer = 256;

using JsonAdapter = valijson::adapters::RapidJsonAdapter;

Rejection violation(const std::string& place, const std::string& rule) {
  return {DeadLetterReason::schema, (place.empty() ? "(the record)" : place) + ": " + rule};
}

// valijson's path is "<root>", "[key]", "[0]".
std::string pointer_of(const std::vector<std::string>& path) {
  std::string pointer;
  for (auto part = path.begin() + 1; part < path.end(); ++part) {
    pointer += '/';
    for (const char c : std::string_view(*part).substr(1, part->size() - 2)) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
  }
  if (pointer.size() > kLongestPointer) pointer.replace(kLongestPointer, pointer.npos, "...");
  return pointer;
}

std::string rule_of(std::string description) {
  // The only description that repeats a piece of the record.
  if (description.starts_with("Object contains a property")) {
    return "has a property that additionalProperties forbids";
  }
  if (description.ends_with('.')) description.pop_back();
  return description;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 16384> chunk;
  while (file.read(chunk.data(), chunk.size()), file.gcount() > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    return fail("cannot read the schema " + path + ": " + std::strerror(errno),
                "set `schema` to a readable file");
  }
  return text;
}

}  // namespace

struct Schema::Impl {
  valijson::Schema schema;
  valijson::Validator validator;
  bool has_pattern_properties = false;

  std::optional<Rejection> validate(const rapidjson::Document& record, const DomShape& shape) {
    const JsonAdapter target(record);
    if (validator.validate(schema, target, nullptr)) return std::nullopt;
    if (shape.values > kMostValuesToLocate) {
      return violation("", "not of the schema (too many values to say where)");
    }
    valijson::ValidationResults results;
    validator.validate(schema, target, &results);
    valijson::ValidationResults::Error first;
    // A schema that is `false`, or propertyNames, says nothing.
    if (!results.popError(first)) return violation("", "forbidden by the schema");
    return violation(pointer_of(first.context), rule_of(std::move(first.description)));
  }
};

Schema::Schema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Schema::~Schema() = default;

Result<std::unique_ptr<Schema>> Schema::load(const std::string& path) {
  const auto refused = [&path](const std::string& why) {
    return fail("cannot use the schema " + path + ": " + why, "correct the file");
  };
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  if (const auto broken = check_grammar(*text)) return refused("not JSON, " + broken->detail);
  rapidjson::Document document;
  if (!parse_dom(*text, kMaxDepth, document)) return refused("nested deeper than 512");
  const Result<PreparedSchema> prepared = prepare_schema(document);
  if (!prepared) return refused(prepared.error().cause);
  auto impl = std::make_unique<Impl>();
  impl->has_pattern_properties = prepared->has_pattern_properties;
  try {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    add_rules(parser);
    parser.populateSchema(JsonAdapter(document), impl->schema);
  } catch (const std::exception& error) {
    return refused(error.what());
  }
  return std::unique_ptr<Schema>(new Schema(std::move(impl)));
}

std::optional<Rejection> Schema::check(std::string_view json) {
  rapidjson::Document record;
  const auto shape = parse_dom(json, kMaxDepth, record);
  if (!shape) return violation("", "nested deeper than " + std::to_string(kMaxDepth));
  if (impl_->has_pattern_properties && shape->longest_key > kLongestKeyForPattern) {
    return violation("", "has a key too long for patternProperties");
  }
  try {
    return impl_->validate(record, *shape);
  } catch (const std::exception&) {
    // A regular expression of patternProperties that ran out of its limits.
    return violation("", "cannot be judged by the schema");
  }
}

}  // namespace sluice::codec
