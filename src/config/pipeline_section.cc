#include <algorithm>
#include <utility>

#include "base/text_template.h"
#include "config/address.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr Choice<Order> kOrders[] = {
    {"partition", Order::partition}, {"key", Order::key}, {"none", Order::none}};
constexpr Choice<Start> kStarts[] = {{"earliest", Start::earliest}, {"latest", Start::latest}};
constexpr std::string_view kStartRemedy =
    "write earliest, latest or a time such as 2026-11-25T08:00:00Z";
constexpr Choice<BodyFormat> kBodies[] = {{"json_array", BodyFormat::json_array},
                                          {"ndjson", BodyFormat::ndjson},
                                          {"json", BodyFormat::json}};
constexpr Choice<NullValues> kNullValues[] = {{"skip", NullValues::skip},
                                              {"dead_letter", NullValues::dead_letter},
                                              {"send_null", NullValues::send_null}};
constexpr Choice<OnExhausted> kOnExhausted[] = {{"dead_letter", OnExhausted::dead_letter},
                                                {"drop", OnExhausted::drop},
                                                {"park", OnExhausted::park}};
constexpr Choice<OnExpired> kOnExpired[] = {{"dead_letter", OnExpired::dead_letter},
                                            {"drop", OnExpired::drop}};
enum class Method : std::uint8_t { post, put, patch };
constexpr Choice<Method> kMethods[] = {
    {"POST", Method::post}, {"PUT", Method::put}, {"PATCH", Method::patch}};

void read_method(Reader& reader, const Value& value, Pipeline& out) {
  if (read_choice(reader, value, kMethods)) out.method = value.node->text;
}

void read_start(Reader& reader, const Value& value, Pipeline& out) {
  const std::string& text = value.node->text;
  const auto time = parse_time(text);
  if (time) {
    out.start = Start::time;
    out.start_time = *time;
  } else if (value.is_scalar() && text != "earliest" && text != "latest") {
    reader.problem(value, in_quotes(text) + " is no place to start from",
                   std::string(kStartRemedy));
  } else {
    choice<&Pipeline::start, kStarts>(reader, value, out);
  }
}

void read_topic(Reader& reader, const Value& value, Pipeline& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  const bool pattern = raw->starts_with('/');
  auto topic = reader.take(value, pattern ? parse_topic_pattern(*raw) : parse_topic(*raw));
  if (!topic) return;
  auto& others = pattern ? out.patterns : out.topics;
  if (std::find(others.begin(), others.end(), *topic) != others.end()) {
    reader.problem(value, in_quotes(*raw) + " stands here a second time", "keep one of the two");
    return;
  }
  others.push_back(std::move(*topic));
}

void read_topics(Reader& reader, const Value& value, Pipeline& out) {
  for (const Value& topic : reader.list(value, "[events.deposit]")) {
    read_topic(reader, topic, out);
  }
}

void read_path(Reader& reader, const Value& value, Pipeline& out) {
  const auto raw = reader.text(value);
  if (!raw) return;
  const auto parsed = reader.take(value, TextTemplate::parse(*raw));
  // A path that is right with one value is so with any: they are encoded when they are filled in.
  if (parsed && reader.take(value, parse_path(parsed->filled_with("x")))) out.path = *raw;
}

void read_schema(Reader& reader, const Value& value, Pipeline& out) {
  if (const auto raw = reader.text(value)) out.schema = reader.file_path(*raw);
}

void read_group_by(Reader& reader, const Value& value, Pipeline& out) {
  read_record_parts(reader, value, out.group_by);
}

constexpr Duration kLeastAge = std::chrono::seconds(1);
constexpr Duration kMostAge = std::chrono::days(365);

void read_max_age(Reader& reader, const Value& value, Pipeline& out) {
  Duration age{};
  read_bounded(reader, value, kLeastAge, kMostAge, age);
  if (age > Duration::zero()) out.max_age = age;
}

Result<std::string> parse_any(std::string_view text) { return std::string(text); }

Form topics_form() { return list_form(topics_text()); }
Form method_form() { return choice_form(kMethods, Method::post); }
Form max_age_form() { return duration_form(kLeastAge, kMostAge); }
// By default as much as a batch.
Form record_bytes_form() { return size_form(1, kMostBytes); }

Form start_form() {
  Form form = start_text();
  form.fallback = choice_form(kStarts, Pipeline{}.start).fallback;
  return form;
}

constexpr Key<Pipeline> kPipelineKeys[] = {
    {"topics", {read_topics, topics_form}, Need::required, "topics: [events.deposit]"},
    {"group", text<&Pipeline::group, parse_group, group_text>, Need::required,
     "group: sluice-deposits"},
    {"target", text<&Pipeline::target, parse_any, any_text>, Need::required,
     "target: data-pipeline"},
    {"path", {read_path, path_template_text}, Need::required, "path: /events/deposit"},
    {"method", {read_method, method_form}},
    {"start", {read_start, start_form}},
    {"workers", whole<&Pipeline::workers, 1, 64>},
    {"batch", {read_batch, batch_form}},
    {"max_record_bytes",
     {size<&Pipeline::max_record_bytes, 1, kMostBytes>.read, record_bytes_form}},
    {"body", choice<&Pipeline::body, kBodies>},
    {"order", choice<&Pipeline::order, kOrders>},
    {"group_by", {read_group_by, record_parts_form}},
    {"weight", whole<&Pipeline::weight, 1, 1000>},
    {"max_unconfirmed_batches", whole<&Pipeline::max_unconfirmed_batches, 1, 1000>},
    {"null_values", choice<&Pipeline::null_values, kNullValues>},
    {"schema", {read_schema, any_text}},
    {"success", {read_success, success_form}},
    {"expect", json_pointer<&Pipeline::expect>},
    {"results", {read_results, results_form}},
    {"verdicts", {read_verdicts, verdicts_form}},
    {"retry", {read_retry, retry_form}},
    {"on_exhausted", choice<&Pipeline::on_exhausted, kOnExhausted>},
    {"max_age", {read_max_age, max_age_form}},
    {"on_expired", choice<&Pipeline::on_expired, kOnExpired>},
    {"refusal_guard", {read_refusal_guard, refusal_guard_form}},
    {"dead_letter",
     {read_dead_letter, dead_letter_form},
     Need::required,
     "dead_letter: {topic: events.deposit.dlq}, or dead_letter: none to park at a refused record"},
    {"drain_timeout", duration<&Pipeline::drain_timeout, 1, kMinute>},
};

// Said aloud it is a mistake; by default such a record parks its partition.
void check_policy(Reader& reader, const Value& value, std::string_view key) {
  const auto policy = value.child(key);
  const auto dead_letter = value.child("dead_letter");
  if (!policy || policy->node->text != "dead_letter") return;
  if (!dead_letter || dead_letter->node->text != "none") return;
  reader.problem(*policy, "is dead_letter, but dead_letter is none",
                 "name a topic in dead_letter, or remove it: the record then parks its partition");
}

void check_policies(Reader& reader, const Value& value) {
  check_policy(reader, value, "on_exhausted");
  check_policy(reader, value, "on_expired");
  const auto on_expired = value.child("on_expired");
  if (on_expired && !value.child("max_age")) {
    reader.problem_of_key(*on_expired, "without max_age nothing expires",
                          "add max_age, such as max_age: 7d, or remove it");
  }
}

// Where one key decides about another.
void derive(Reader& reader, const Value& value, Pipeline& out) {
  if (!value.child("max_record_bytes")) out.max_record_bytes = out.batch.max_bytes;
  if (out.body != BodyFormat::json) return;
  const auto batch = value.child("batch");
  const auto max_records = batch ? batch->child("max_records") : std::nullopt;
  if (max_records && out.batch.max_records > 1) {
    reader.problem(*max_records, "body: json sends one record in a request",
                   "remove it, or use body: json_array or ndjson");
  }
  out.batch.max_records = 1;
}

void read_pipeline(Reader& reader, const Value& value, Config& out) {
  Pipeline pipeline;
  if (auto name = reader.take_key(value, parse_name(value.key))) pipeline.name = std::move(*name);
  read_keys(reader, value, kPipelineKeys, pipeline);
  derive(reader, value, pipeline);
  check_policies(reader, value);
  out.pipelines.push_back(std::move(pipeline));
}

}  // namespace

Form pipelines_form() {
  constexpr const char* kOneRecord =
      R"({"if":{"properties":{"body":{"enum":["json"]}},"required":["body"]},"then":{"properties":)"
      R"({"batch":{"properties":{"max_records":{"maximum":1}}}}}})";
  // As check_policies() has it.
  constexpr const char* kPolicies =
      R"({"if":{"properties":{"dead_letter":{"enum":["none"]}},"required":["dead_letter"]},)"
      R"("then":{"properties":{"on_exhausted":{"not":{"enum":["dead_letter"]}},)"
      R"("on_expired":{"not":{"enum":["dead_letter"]}}}}})";
  const Form pipeline =
      with_rules(map_form<kPipelineKeys>(),
                 std::string(kOneRecord) + "," + kPolicies + "," + needs("on_expired", "max_age"));
  Form form = named_form(pipeline, kNamePattern);
  form.needs_one = true;
  return form;
}

void read_pipelines(Reader& reader, const Value& value, Config& out) {
  const auto pipelines = reader.map(value);
  if (value.is_map() && value.node->entries.empty()) {
    reader.problem(value, "has no pipeline", "add one with its topics and target");
  }
  for (const Value& pipeline : pipelines) read_pipeline(reader, pipeline, out);
}

}  // namespace sluice::config
