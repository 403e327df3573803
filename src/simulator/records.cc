#include "simulator/records.h"

#include <rapidjson/document.h>

#include <optional>

namespace sluice::simulator {
namespace {

tl::unexpected<Refusal> refused(std::string message) {
  return tl::unexpected<Refusal>(Refusal{400, std::move(message)});
}

std::string id_of(const rapidjson::Value& record, const EventType& type) {
  const auto& id =
      record.FindMember(rapidjson::StringRef(type.id_field.data(), type.id_field.size()))->value;
  return {id.GetString(), id.GetStringLength()};
}

}  // namespace

tl::expected<std::vector<std::string>, Refusal> read_records(const EventType& type,
                                                             std::string_view body,
                                                             const Tenant& tenant) {
  rapidjson::Document document;
  // Iterative: a body of opening brackets must not overflow the stack.
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
      body.data(), body.size());
  if (document.HasParseError()) return refused("The body is not JSON");
  const rapidjson::Value* first = &document;
  std::size_t count = 1;
  if (document.IsArray()) {
    first = document.Begin();
    count = document.Size();
  }
  if (count == 0) return refused("There is no record in the array");
  if (count > kMostRecords) {
    return refused(std::to_string(count) + " records exceed the batch size of 500");
  }
  const RecordRules rules(type);
  std::vector<std::string> ids;
  ids.reserve(count);
  for (const rapidjson::Value* record = first; record != first + count; ++record) {
    if (auto refusal = rules.check(*record, tenant)) return tl::unexpected(std::move(*refusal));
    ids.push_back(id_of(*record, type));
  }
  return ids;
}

}  // namespace sluice::simulator
