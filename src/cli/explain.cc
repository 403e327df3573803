#include "cli/explain.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <utility>

#include "cli/cli.h"
#include "cli/dlq_parts.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "cli/terminal.h"
#include "config/loader.h"
#include "config/nearest.h"
#include "config/values.h"
#include "explain/document.h"
#include "explain/explainer.h"
#include "explain/text.h"
#include "kafka/topic_pattern.h"
#include "kafka/topic_reader.h"
#include "pipeline/options_of.h"
#include "replay/scan.h"

namespace sluice::cli {
namespace {

struct ExplainParts {
  const ExplainOptions& options;
  const config::Config& config;
  const config::Pipeline& pipeline;
  const Clock& clock;
  replay::Waiting& waiting;
};

std::string listed_names(const config::Config& config) {
  std::string all;
  for (const auto& pipeline : config.pipelines) all += (all.empty() ? "" : ", ") + pipeline.name;
  return all;
}

Result<const config::Pipeline*> pipeline_named(const ExplainOptions& options,
                                               const config::Config& config) {
  if (options.pipeline.empty() && config.pipelines.size() == 1) return &config.pipelines.front();
  if (options.pipeline.empty()) {
    return fail("say which pipeline", "add --pipeline, one of: " + listed_names(config));
  }
  std::vector<std::string_view> names;
  for (const auto& pipeline : config.pipelines) {
    if (pipeline.name == options.pipeline) return &pipeline;
    names.push_back(pipeline.name);
  }
  const auto near = config::nearest(options.pipeline, names);
  return fail("--pipeline: there is no pipeline " + config::in_quotes(options.pipeline),
              near.empty() ? "it is one of: " + listed_names(config)
                           : "did you mean " + std::string(near) + "?");
}

bool reads(const config::Config& config, const config::Pipeline& pipeline,
           const std::string& topic) {
  const auto& named = pipeline.topics;
  if (std::find(named.begin(), named.end(), topic) != named.end()) return true;
  for (const auto& other : config.pipelines) {
    if (other.dead_letter && other.dead_letter->topic == topic) return false;
  }
  return std::any_of(
      pipeline.patterns.begin(), pipeline.patterns.end(),
      [&](const std::string& text) { return kafka::TopicPattern(text).matches(topic); });
}

Result<std::string> topic_of(const ExplainOptions& options, const config::Config& config,
                             const config::Pipeline& pipeline) {
  const auto& named = pipeline.topics;
  if (!options.topic.empty()) {
    if (reads(config, pipeline, options.topic)) return options.topic;
    return fail(
        "--topic: pipeline " + pipeline.name + " does not read " + config::in_quotes(options.topic),
        "choose another pipeline or topic");
  }
  if (named.size() == 1 && pipeline.patterns.empty()) return named.front();
  return fail("say which topic", "add --topic: pipeline " + pipeline.name + " reads more than one");
}

Result<std::string> read_value(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  if (path != "-" && !file.is_open()) {
    return fail("--record: cannot read " + path + ": " + std::strerror(errno),
                "name a file that can be read, or -");
  }
  constexpr std::size_t kMost = std::size_t{128} << 20;  // more than Kafka takes
  std::string value;
  std::array<char, 16384> chunk{};
  while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
    value.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (value.size() > kMost) {
      return fail("--record: " + path + " is larger than 128 MiB, which no record is",
                  "name a file that holds the value of one record");
    }
  }
  if (in.bad()) return fail("--record: cannot read " + path, "name a file that can be read, or -");
  // Editors end a file so; a record would not be.
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

Result<void> add_from_file(const ExplainParts& parts, explain::Explainer& explainer) {
  const auto value = read_value(parts.options.record);
  if (!value) return tl::unexpected(value.error());
  std::vector<RecordHeader> headers;
  for (const std::string& header : parts.options.headers) {
    const std::string_view text = header;
    const std::size_t equals = text.find('=');
    headers.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  RecordView record;
  record.timestamp_ms = std::chrono::floor<std::chrono::milliseconds>(parts.clock.wall_now())
                            .time_since_epoch()
                            .count();
  if (parts.options.key) record.key = *parts.options.key;
  record.value = *value;
  record.headers = headers;
  explainer.add(record);
  return {};
}

Error not_there(const TopicPartition& of, std::int64_t offset, std::optional<std::int64_t> next) {
  const std::string what = of.topic + "/" + std::to_string(of.partition) +
                           " has no record at offset " + std::to_string(offset);
  if (!next) return {what + ", and none behind it", "choose an offset before its end"};
  return {
      what + ": the next is at " + std::to_string(*next),
      "what was there is deleted, compacted, or no record; add --offset " + std::to_string(*next)};
}

// The record and those behind it, as far as its batch goes.
Result<void> add_from_kafka(const ExplainParts& parts, const TopicPartition& of,
                            explain::Explainer& explainer) {
  const auto client = pipeline::kafka_options_of(parts.config, parts.clock);
  const auto partitions = kafka::partition_count(client, of.topic);
  if (!partitions) return tl::unexpected(partitions.error());
  if (of.partition >= *partitions) {
    return fail("topic " + of.topic + " has no partition " + std::to_string(of.partition),
                "its partitions are 0 to " + std::to_string(*partitions - 1));
  }
  const std::int64_t offset = *parts.options.offset;
  auto reader = kafka::TopicReader::open_at(client, {{of, offset}});
  if (!reader) return tl::unexpected(reader.error());
  replay::Reading reading(**reader, parts.clock, parts.waiting);
  for (bool first = true;; first = false) {
    const auto polled = reading.next();
    if (!polled) return tl::unexpected(polled.error());
    if (*polled == nullptr && first) return tl::unexpected(not_there(of, offset, std::nullopt));
    if (*polled == nullptr) return {};
    const RecordView& record = (*polled)->record;
    if (first && record.offset != offset) {
      return tl::unexpected(not_there(of, offset, record.offset));
    }
    if (!explainer.add(record)) return {};
  }
}

int explain_pipeline(const ExplainParts& parts) {
  const ExplainOptions& options = parts.options;
  const bool of_record = options.offset || !options.record.empty();
  TopicPartition of{"", options.partition.value_or(0)};
  if (of_record) {
    auto topic = topic_of(options, parts.config, parts.pipeline);
    if (!topic) return bad_input(topic.error());
    of.topic = std::move(*topic);
  }
  auto explainer = explain::Explainer::make(parts.config, parts.pipeline, of, parts.clock);
  if (!explainer) return bad_input(explainer.error());
  if (of_record) {
    const auto added =
        options.offset ? add_from_kafka(parts, of, **explainer) : add_from_file(parts, **explainer);
    if (!added) return failed(added.error());
  }
  auto explanation = (*explainer)->explain();
  explanation.of_file = !options.record.empty();
  const std::size_t most_body = options.body ? SIZE_MAX : explain::kShownBody;
  const WallTime now = parts.clock.wall_now();
  print(options.json ? document_of(explanation, most_body, now) + "\n"
                     : text_of(explanation, most_body, now, text_columns()));
  const bool goes = !explanation.record || explanation.record->judged.fate == explain::Fate::sent;
  return goes ? kOk : kFailed;
}

// Kafka alone is asked, and only for a record that it has.
config::LoadOptions load_options_of(const ExplainOptions& options) {
  config::LoadOptions load{options.allow_literal_secrets, kafka::library_version()};
  load.secrets_for = std::vector<std::string>{};
  load.no_secrets = !options.offset;
  return load;
}

}  // namespace

int explain(const ExplainOptions& options, const Clock& clock) {
  const Signals signals;
  SignalWaiting waiting(signals);
  const auto config = config::load_file(options.config_path, load_options_of(options));
  if (!config) {
    for (const auto& problem : config.error()) {
      std::fprintf(stderr, "%s\n", problem.text().c_str());
    }
    return kBadInput;
  }
  const auto pipeline = pipeline_named(options, *config);
  if (!pipeline) return bad_input(pipeline.error());
  return explain_pipeline({options, *config, **pipeline, clock, waiting});
}

}  // namespace sluice::cli
