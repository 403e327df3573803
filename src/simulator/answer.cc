#include "simulator/answer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::simulator {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void add(Writer& json, std::string_view text) {
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void add(Writer& json, std::string_view name, std::string_view value) {
  add(json, name);
  add(json, value);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    default:
      return "Error";
  }
}

}  // namespace

Answer answer_refused(const Refusal& refusal) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  add(json, "error", reason_phrase(refusal.status));
  add(json, "message", refusal.message);
  if (!refusal.field.empty()) {
    add(json, "details");
    json.StartObject();
    add(json, "field", refusal.field);
    add(json, "issue", refusal.issue);
    json.EndObject();
  }
  json.EndObject();
  return {refusal.status, {buffer.GetString(), buffer.GetSize()}};
}

Answer answer_taken(std::string_view type, std::span<const std::string> ids) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  add(json, "message", std::to_string(ids.size()) + " record(s) taken: " + std::string(type));
  add(json, "count");
  json.Uint64(ids.size());
  add(json, "recordIds");
  json.StartArray();
  for (const std::string& id : ids) add(json, id);
  json.EndArray();
  json.EndObject();
  return {200, {buffer.GetString(), buffer.GetSize()}};
}

Answer answer_throttled() {
  Answer answer = answer_refused({429, "Too many requests at this endpoint"});
  answer.retry_after = true;
  return answer;
}

Answer answer_outage() {
  return {503,
          "<html><head><title>503 Service Unavailable</title></head>"
          "<body><h1>Service Unavailable</h1></body></html>\n",
          "text/html"};
}

Answer answer_healthy() { return {200, R"({"status":"healthy"})"}; }

}  // namespace sluice::simulator
