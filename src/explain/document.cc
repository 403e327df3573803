#include "explain/document.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/encoding.h"
#include "base/record_time.h"
#include "config/values.h"
#include "explain/answers.h"
#include "explain/words.h"
#include "telemetry/text.h"

namespace sluice::explain {
namespace {

// Objects and arrays are opened and closed by hand; the text is UTF-8 whatever it is given.
class Writer {
 public:
  Writer() : writer_(buffer_) { writer_.StartObject(); }

  void key(std::string_view name) { put(name, true); }
  void text(std::string_view value) { put(value, false); }
  void text(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void number(std::string_view name, std::int64_t value) {
    key(name);
    writer_.Int64(value);
  }
  void number(std::string_view name, std::size_t value) {
    key(name);
    writer_.Uint64(value);
  }
  void null(std::string_view name) {
    key(name);
    writer_.Null();
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    array(name);
    for (const auto& value : values) text(value);
    end_array();
  }
  // Bytes that are no text stand as {"base64": ...}.
  void bytes(std::string_view name, const std::optional<std::string>& value) {
    if (!value) {
      null(name);
    } else if (telemetry::to_utf8(*value) == *value) {
      text(name, *value);
    } else {
      object(name);
      text("base64", auth::base64(*value));
      end_object();
    }
  }
  void object(std::string_view name) {
    key(name);
    writer_.StartObject();
  }
  void object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void array(std::string_view name) {
    key(name);
    writer_.StartArray();
  }
  void end_array() { writer_.EndArray(); }

  std::string take() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  void put(std::string_view value, bool as_key) {
    const std::string clean = telemetry::to_utf8(value);
    const auto size = static_cast<rapidjson::SizeType>(clean.size());
    if (as_key) {
      writer_.Key(clean.data(), size);
    } else {
      writer_.String(clean.data(), size);
    }
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

void put_pipeline(const Explanation& all, Writer& out) {
  const config::Pipeline& pipeline = *all.pipeline;
  out.object("pipeline");
  out.text("name", pipeline.name);
  out.texts("topics", pipeline.topics);
  out.texts("patterns", pipeline.patterns);
  out.text("group", pipeline.group);
  out.text("order", to_string(pipeline.order));
  out.texts("group_by", pipeline.group_by);
  out.object("batch");
  out.number("max_records", std::size_t{pipeline.batch.max_records});
  out.number("max_bytes", pipeline.batch.max_bytes);
  out.text("linger", config::format_duration(pipeline.batch.linger));
  out.end_object();
  out.number("max_record_bytes", pipeline.max_record_bytes);
  out.text("body", body_words(pipeline, all.target->compression));
  out.bytes("schema", pipeline.schema);
  out.bytes("dead_letter",
            pipeline.dead_letter ? std::optional(pipeline.dead_letter->topic) : std::nullopt);
  out.end_object();
}

void put_record(const Explanation& all, Writer& out) {
  const ShownRecord& record = *all.record;
  out.object("record");
  out.text("from", all.of_file ? "file" : "topic");
  out.text("topic", record.of.topic);
  out.number("partition", std::int64_t{record.of.partition});
  out.number("offset", record.offset);
  if (record.timestamp_ms >= 0) {
    out.text("timestamp", telemetry::to_utc(record_time(record.timestamp_ms)));
  }
  out.bytes("key", record.key);
  out.array("headers");
  for (const auto& [name, value] : record.headers) {
    out.object();
    out.text("name", name);
    out.bytes("value", value);
    out.end_object();
  }
  out.end_array();
  if (record.bytes) out.number("bytes", *record.bytes);
  out.text("fate", to_string(record.judged.fate));
  if (record.judged.reason) out.text("reason", sluice::to_string(*record.judged.reason));
  if (!record.judged.detail.empty()) out.text("detail", record.judged.detail);
  if (all.pipeline->schema) out.text("schema", schema_words(all));
  out.end_object();
}

void put_batch(const ShownBatch& batch, Writer& out) {
  out.object("batch");
  out.number("records", batch.records);
  out.number("first_offset", batch.first_offset);
  out.number("last_offset", batch.last_offset);
  out.number("bytes", batch.bytes);
  out.text("closed_by", sluice::to_string(batch.closed_by));
  out.bytes("tenant", batch.tenant);
  out.texts("grouped_by", batch.grouped_by);
  out.end_object();
}

void put_request(const ShownRequest& request, bool of_record, std::size_t most_body, Writer& out) {
  out.object("request");
  out.text("method", request.method);
  out.text("url", request.url);
  out.array("headers");
  for (const auto& [name, value] : request.headers) {
    out.object();
    out.text("name", name);
    out.text("value", value);
    out.end_object();
  }
  out.end_array();
  if (request.example_of) out.text("example_of_tenant", *request.example_of);
  if (of_record) {
    out.text("batch_id", request.batch_id);
    out.number("records", request.records);
    out.text("body", beginning(request.body, most_body));
    out.number("body_bytes", request.body.size());
    out.number("bytes_on_the_wire", request.bytes);
  }
  out.end_object();
}

void put_budget(const Explanation& all, Writer& out) {
  out.object("budget");
  std::vector<std::string> limits;
  for (const auto& limit : limits_of(*all.pipeline, *all.target)) {
    limits.push_back(limit_words(limit, *all.pipeline));
  }
  out.texts("limits", limits);
  if (all.largest.records != SIZE_MAX) out.number("largest_records", all.largest.records);
  if (all.largest.bytes != SIZE_MAX) out.number("largest_bytes", all.largest.bytes);
  out.number("requests_at_once", std::size_t{all.target->concurrency.max});
  out.text("breaker", breaker_words(all.target->circuit_breaker));
  out.end_object();
}

void put_answers(const Explanation& all, WallTime now, Writer& out) {
  const Answers answers = answers_of(*all.pipeline, *all.target, now);
  out.array("rules");
  for (const auto& rule : answers.own_rules) {
    out.object();
    out.text("answer", rule.answer);
    out.text("verdict", sluice::to_string(rule.verdict));
    out.end_object();
  }
  out.end_array();
  out.array("answers");
  for (const auto& row : answers.rows) {
    out.object();
    out.text("verdict", sluice::to_string(row.verdict));
    out.texts("answers", row.answers);
    out.text("follows", row.follows);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string document_of(const Explanation& explanation, std::size_t most_body, WallTime now) {
  Writer out;
  if (explanation.record) put_record(explanation, out);
  if (explanation.batch) put_batch(*explanation.batch, out);
  if (explanation.request) {
    put_request(*explanation.request, explanation.record.has_value(), most_body, out);
  }
  put_pipeline(explanation, out);
  put_budget(explanation, out);
  put_answers(explanation, now, out);
  return out.take();
}

}  // namespace sluice::explain
