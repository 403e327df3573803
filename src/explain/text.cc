#include "explain/text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/record_time.h"
#include "codec/tenant.h"
#include "config/values.h"
#include "explain/answers.h"
#include "explain/lines.h"
#include "explain/words.h"
#include "telemetry/text.h"

namespace sluice::explain {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* joint = ", ") {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : joint) + part;
  return text;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void add_record(const Explanation& all, Lines& lines) {
  const ShownRecord& record = *all.record;
  const Judged& judged = record.judged;
  lines.heading(std::string(all.of_file ? "The file as a record of " : "Record ") +
                record.of.topic + "/" + std::to_string(record.of.partition) + " at offset " +
                std::to_string(record.offset) + ": " + fate_words(record, *all.pipeline));
  if (!judged.detail.empty()) lines.line("why", judged.detail);
  if (record.timestamp_ms >= 0) {
    lines.line("timestamp", telemetry::to_utc(record_time(record.timestamp_ms)));
  }
  lines.line("key", record.key.value_or("(none)"));
  for (const auto& [name, value] : record.headers) {
    lines.line("header", name + ": " + value.value_or("(null)"));
  }
  lines.line("value", record.bytes ? counted(*record.bytes, "byte") : "null (a tombstone)");
  if (all.pipeline->schema) lines.line("schema", *all.pipeline->schema + " " + schema_words(all));
}

void add_batch(const Explanation& all, Lines& lines) {
  const ShownBatch& batch = *all.batch;
  std::string offsets = "offset " + std::to_string(batch.first_offset);
  if (batch.records > 1) {
    offsets = "offsets " + std::to_string(batch.first_offset) + " to " +
              std::to_string(batch.last_offset);
  }
  lines.heading("Its batch, where one begins with it");
  lines.line("records", counted(batch.records, "record") + ", " + offsets + ": " +
                            counted(batch.bytes, "byte"));
  lines.line("then", closed_words(batch.closed_by, *all.pipeline));
  if (batch.tenant) lines.line("tenant", codec::shown_tenant(*batch.tenant));
  if (!batch.grouped_by.empty()) lines.line("grouped by", joined(batch.grouped_by));
}

std::string request_words(const Explanation& all) {
  const ShownRequest& request = *all.request;
  if (request.example_of) {
    return "A request of tenant " + codec::shown_tenant(*request.example_of) +
           ", as an example: each record says whose it is";
  }
  if (!all.record) return "Each request";
  const bool part = all.batch && request.records < all.batch->records;
  return part ? "Its request, with " + std::to_string(request.records) + " of these"
              : "Its request";
}

bool has_masked(const ShownRequest& request) {
  return request.url.find(kMasked) != request.url.npos ||
         std::any_of(request.headers.begin(), request.headers.end(),
                     [](const ShownHeader& header) { return header.value == kMasked; });
}

void add_request(const Explanation& all, std::size_t most_body, Lines& lines) {
  const ShownRequest& request = *all.request;
  lines.heading(request_words(all));
  lines.verbatim(request.method + " " + request.url);
  for (const auto& [name, value] : request.headers) lines.verbatim(name + ": " + value);
  if (has_masked(request)) {
    lines.verbatim(std::string("(") + kMasked + ": a secret or made of one, and none was read)");
  }
  if (!all.record) return;
  std::string size = counted(request.body.size(), "byte");
  if (!request.encoding.empty()) {
    size += ", as " + request.encoding + " " + counted(request.bytes, "byte");
  }
  const auto shown = beginning(request.body, most_body);
  if (shown.size() < request.body.size()) {
    size += ", of which the first " + std::to_string(shown.size()) + " are (--body for all)";
  }
  lines.heading("Its body: " + size);
  lines.verbatim(shown);
}

void add_batching(const Explanation& all, Lines& lines) {
  const config::Pipeline& pipeline = *all.pipeline;
  lines.heading("Batches of pipeline " + pipeline.name);
  std::vector<std::string> topics = pipeline.topics;
  for (const auto& pattern : pipeline.patterns) topics.push_back("/" + pattern + "/");
  lines.line("topics", joined(topics) + ", group " + pipeline.group);
  lines.line("order", std::string(to_string(pipeline.order)));
  if (!pipeline.group_by.empty()) lines.line("grouped by", joined(pipeline.group_by));
  lines.line("closed", "at " + counted(pipeline.batch.max_records, "record") + ", " +
                           config::format_size(pipeline.batch.max_bytes) + ", or " +
                           config::format_duration(pipeline.batch.linger) +
                           " after its first record");
  std::string record = "has at most " + config::format_size(pipeline.max_record_bytes);
  if (pipeline.max_age)
    record += ", and is at most " + config::format_duration(*pipeline.max_age) + " old";
  lines.line("a record", record);
  lines.line("body", body_words(pipeline, all.target->compression));
  if (pipeline.schema) lines.line("schema", *pipeline.schema);
  lines.line("dead letters",
             pipeline.dead_letter ? pipeline.dead_letter->topic : "none: the pipeline parks");
}

void add_budget(const Explanation& all, Lines& lines) {
  const config::Target& target = *all.target;
  lines.heading("Budget of target " + target.name);
  const auto limits = limits_of(*all.pipeline, target);
  for (const auto& limit : limits) lines.line("limit", limit_words(limit, *all.pipeline));
  if (limits.empty()) lines.line("limit", "none");
  if (all.largest.records != SIZE_MAX) {
    lines.line("a request",
               "has at most " + counted(all.largest.records, "record") + ": a larger batch is cut");
  }
  if (all.largest.bytes != SIZE_MAX) {
    lines.line("a request",
               "has at most " + counted(all.largest.bytes, "byte") + ": a larger batch is cut");
  }
  const auto& concurrency = target.concurrency;
  lines.line("at once", std::string("at most ") + counted(concurrency.max, "request") +
                            (concurrency.adaptive ? ", as many as it answers well" : ""));
  lines.line("breaker", breaker_words(target.circuit_breaker));
}

void add_answers(const Explanation& all, WallTime now, Lines& lines) {
  const Answers answers = answers_of(*all.pipeline, *all.target, now);
  if (!answers.own_rules.empty()) {
    lines.heading("What an answer means, by the first of these rules that fits");
    for (const auto& rule : answers.own_rules) {
      lines.line(sluice::to_string(rule.verdict), rule.answer);
    }
  }
  lines.heading(answers.own_rules.empty() ? "What an answer means" : "Or else");
  for (const auto& row : answers.rows) {
    lines.line(sluice::to_string(row.verdict), joined(row.answers));
  }
  lines.heading("What follows");
  for (const auto& row : answers.rows) {
    lines.line(sluice::to_string(row.verdict), row.follows);
  }
}

}  // namespace

std::string text_of(const Explanation& explanation, std::size_t most_body, WallTime now,
                    std::size_t width) {
  Lines lines(width);
  if (explanation.record) add_record(explanation, lines);
  if (explanation.batch) add_batch(explanation, lines);
  if (explanation.request) add_request(explanation, most_body, lines);
  add_batching(explanation, lines);
  add_budget(explanation, lines);
  add_answers(explanation, now, lines);
  return lines.take();
}

}  // namespace sluice::explain
