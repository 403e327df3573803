#include "codec/json_pointer.h"

#include "codec/json_dom.h"
#include "codec/json_grammar.h"

namespace sluice::codec {
namespace {

std::optional<std::string> text_of(const rapidjson::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsBool()) return value->GetBool() ? "true" : "false";
  if (!value->IsString()) return std::nullopt;
  return std::string(value->GetString(), value->GetStringLength());
}

}  // namespace

std::optional<std::int64_t> integer_at(std::string_view json, const std::string& pointer) {
  const rapidjson::Pointer path(pointer.data(), pointer.size());
  if (!path.IsValid() || check_grammar(json)) return std::nullopt;
  rapidjson::Document document;
  if (!parse_dom(json, kAnyDepth, document)) return std::nullopt;
  const rapidjson::Value* value = path.Get(document);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

std::vector<std::optional<std::string>> texts_at(std::string_view json,
                                                 const std::vector<std::string>& pointers) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(json.data(), json.size());
  std::vector<std::optional<std::string>> texts;
  for (const std::string& pointer : pointers) {
    const rapidjson::Pointer path(pointer.data(), pointer.size());
    const bool readable = path.IsValid() && !document.HasParseError();
    texts.push_back(text_of(readable ? path.Get(document) : nullptr));
  }
  return texts;
}

}  // namespace sluice::codec
