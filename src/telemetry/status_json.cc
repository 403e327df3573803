// The document of GET /status; docs/status.md describes it.
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/version.h"
#include "telemetry/status.h"
#include "telemetry/text.h"

namespace sluice::telemetry {
namespace {

class Writer {
 public:
  Writer() { json_.SetIndent(' ', 2); }

  std::string text() const { return std::string(buffer_.GetString(), buffer_.GetSize()) + '\n'; }

  void begin_object() { json_.StartObject(); }
  void begin_object(std::string_view name) {
    string(name);
    json_.StartObject();
  }
  void end_object() { json_.EndObject(); }
  void begin_array(std::string_view name) {
    string(name);
    json_.StartArray();
  }
  void end_array() { json_.EndArray(); }

  void add(std::string_view name, std::string_view value) {
    string(name);
    string(value);
  }
  // nullopt: null.
  void add_time(std::string_view name, std::optional<WallTime> value) {
    string(name);
    if (value) {
      string(to_utc(*value));
    } else {
      json_.Null();
    }
  }
  void add_flag(std::string_view name, bool value) {
    string(name);
    json_.Bool(value);
  }
  void add_count(std::string_view name, std::uint64_t value) {
    string(name);
    json_.Uint64(value);
  }
  // -1 is how the structs say that a number is not known.
  void add_known(std::string_view name, std::int64_t value) {
    string(name);
    if (value == -1) {
      json_.Null();
    } else {
      json_.Int64(value);
    }
  }

 private:
  void string(std::string_view text) {
    const std::string clean = to_utf8(text);
    json_.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json_{buffer_};
};

void write(Writer& out, const PartitionStatus& partition) {
  out.begin_object();
  out.add("topic", partition.topic);
  out.add_known("partition", partition.partition);
  out.add("reason", to_string(partition.reason));
  out.add("detail", partition.detail);
  out.add_known("committed", partition.committed);
  out.add_known("log_end", partition.log_end);
  out.add_known("lag", partition.lag);
  out.add_flag("in_flight", partition.in_flight);
  out.add_count("unconfirmed_batches", partition.unconfirmed_batches);
  out.end_object();
}

void write(Writer& out, std::uint32_t number, const WorkerStatus& worker) {
  out.begin_object();
  out.add_count("worker", number);
  out.add("reason", to_string(worker.reason));
  out.add("detail", worker.detail);
  out.add("since", to_utc(worker.since));
  out.add_flag("joined", worker.joined);
  out.add("last_error", worker.last_error);
  out.begin_object("records");
  out.add_count("consumed", worker.records_consumed);
  out.add_count("delivered", worker.records_delivered);
  out.add_count("dead_lettered", worker.records_dead_lettered);
  out.add_count("dropped", worker.records_dropped);
  out.end_object();
  out.begin_array("partitions");
  for (const PartitionStatus& partition : worker.partitions) write(out, partition);
  out.end_array();
  out.end_object();
}

void write(Writer& out, const std::string& name, const TargetStatus& target) {
  out.begin_object();
  out.add("name", name);
  out.add("breaker", to_string(target.breaker));
  out.add("reason", to_string(target.reason));
  out.add("detail", target.detail);
  out.add_time("since", target.since);
  out.add_time("next_probe", target.next_probe);
  out.add_time("throttled_until", target.throttled_until);
  out.add_count("concurrency_limit", target.concurrency_limit);
  out.add_count("in_flight", target.in_flight);
  out.add_count("waiting", target.waiting);
  out.end_object();
}

// `entries`: by pipeline and worker.
template <typename Entries>
void write_pipelines(Writer& out, const Entries& entries) {
  out.begin_array("pipelines");
  for (auto first = entries.begin(); first != entries.end();) {
    const std::string& pipeline = first->first.first;
    auto end = first;
    StallReason state = StallReason::flowing;
    for (; end != entries.end() && end->first.first == pipeline; ++end) {
      if (state == StallReason::flowing) state = end->second.status.reason;
    }
    out.begin_object();
    out.add("name", pipeline);
    out.add("group", first->second.group);
    out.add("target", first->second.target);
    out.add("state", to_string(state));
    out.begin_array("workers");
    for (; first != end; ++first) write(out, first->first.second, first->second.status);
    out.end_array();
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string StatusBoard::to_json() const {
  const std::lock_guard lock(mutex_);
  Writer out;
  out.begin_object();
  out.add("version", kVersion);
  write_pipelines(out, entries_);
  out.begin_array("targets");
  for (const auto& [name, target] : targets_) write(out, name, target());
  out.end_array();
  out.end_object();
  return out.text();
}

}  // namespace sluice::telemetry
