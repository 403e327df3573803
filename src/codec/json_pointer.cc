#include "codec/json_pointer.h"

#include "codec/json_dom.h"
#include "codec/json_grammar.h"

namespace sluice::codec {

std::optional<std::int64_t> integer_at(std::string_view json, const std::string& pointer) {
  const rapidjson::Pointer path(pointer.data(), pointer.size());
  if (!path.IsValid() || check_grammar(json)) return std::nullopt;
  rapidjson::Document document;
  if (!parse_dom(json, kAnyDepth, document)) return std::nullopt;
  const rapidjson::Value* value = path.Get(document);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

}  // namespace sluice::codec
