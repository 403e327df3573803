// The document of GET /status; docs/status.md describes it.
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  // nullopt: null.
  void add_number(std::string_view name, std::optional<double> value) {
    string(name);
    if (value) {
      number(*value);
    } else {
      json_.Null();
    }
  }
  void add_list(std::string_view name, const std::vector<std::string>& values) {
    begin_array(name);
    for (const std::string& value : values) string(value);
    end_array();
  }
  void item(std::optional<double> value) {
    if (value) {
      number(*value);
    } else {
      json_.Null();
    }
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
  // Nobody reads more than these digits.
  void number(double value) { json_.Double(std::round(value * 1000) / 1000); }
  void string(std::string_view text) {
    const std::string clean = to_utf8(text);
    json_.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json_{buffer_};
};

// Under the name that the reason has there.
void write_condition(Writer& out, std::string_view reason, const Condition& condition) {
  out.add(reason, to_string(condition.reason));
  out.add("detail", condition.detail);
  out.add_time("since", condition.since);
  out.add("next", condition.next);
  out.add_time("next_at", condition.next_at);
  out.add_list("release", condition.release);
}

void write(Writer& out, const PartitionStatus& partition) {
  out.begin_object();
  out.add("topic", partition.topic);
  out.add_known("partition", partition.partition);
  write_condition(out, "reason", partition);
  out.add_known("committed", partition.committed);
  out.add_known("log_end", partition.log_end);
  out.add_known("lag", partition.lag);
  out.add_number("oldest_undelivered_seconds", partition.oldest_undelivered_seconds);
  out.add_flag("in_flight", partition.in_flight);
  out.add_count("unconfirmed_batches", partition.unconfirmed_batches);
  out.end_object();
}

struct RecordCounts {
  std::uint64_t consumed = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t dropped = 0;

  void add(const WorkerStatus& worker) {
    consumed += worker.records_consumed;
    delivered += worker.records_delivered;
    dead_lettered += worker.records_dead_lettered;
    dropped += worker.records_dropped;
  }
};

void write(Writer& out, const RecordCounts& records) {
  out.begin_object("records");
  out.add_count("consumed", records.consumed);
  out.add_count("delivered", records.delivered);
  out.add_count("dead_lettered", records.dead_lettered);
  out.add_count("dropped", records.dropped);
  out.end_object();
}

void write(Writer& out, std::uint32_t number, const WorkerStatus& worker) {
  out.begin_object();
  out.add_count("worker", number);
  write_condition(out, "reason", worker);
  out.add_time("seen", worker.seen);
  out.add_flag("joined", worker.joined);
  out.add("last_error", worker.last_error);
  out.add_time("last_error_at", worker.last_error_at);
  RecordCounts records;
  records.add(worker);
  write(out, records);
  out.add_count("memory_bytes", worker.memory_bytes);
  out.add_count("memory_limit_bytes", worker.memory_limit_bytes);
  out.add_count("requests_in_flight", worker.requests_in_flight);
  out.begin_array("partitions");
  for (const PartitionStatus& partition : worker.partitions) write(out, partition);
  out.end_array();
  out.end_object();
}

void write(Writer& out, const BudgetStatus& budget) {
  out.begin_object();
  out.add("path", budget.path);
  out.add("limit", budget.limit);
  out.add_number("used", budget.used);
  out.end_object();
}

void write(Writer& out, const CredentialStatus& credential) {
  out.begin_object();
  out.add("tenant", credential.tenant);
  out.add_time("in_use_since", credential.in_use_since);
  out.add_time("expires", credential.expires);
  out.add_flag("newest_refused", credential.newest_refused);
  out.end_object();
}

void write(Writer& out, const std::string& name, const TargetStatus& target) {
  out.begin_object();
  out.add("name", name);
  out.add("breaker", to_string(target.breaker));
  write_condition(out, "reason", target);
  out.add_time("throttled_until", target.throttled_until);
  out.add_count("concurrency_limit", target.concurrency_limit);
  out.add_count("in_flight", target.in_flight);
  out.add_count("waiting", target.waiting);
  out.begin_array("budgets");
  for (const BudgetStatus& budget : target.budgets) write(out, budget);
  out.end_array();
  out.begin_array("credentials");
  for (const CredentialStatus& credential : target.credentials) write(out, credential);
  out.end_array();
  out.end_object();
}

void write(Writer& out, const Failure& failure) {
  out.begin_object();
  out.add_time("time", failure.time);
  out.add_count("count", failure.count);
  out.add("pipeline", failure.pipeline);
  out.add("topic", failure.topic);
  out.add_known("partition", failure.partition);
  out.add_known("first_offset", failure.first_offset);
  out.add_known("last_offset", failure.last_offset);
  out.add("batch_id", failure.batch_id);
  out.add("verdict", to_string(failure.verdict));
  out.add_known("status", failure.status == 0 ? -1 : failure.status);
  out.add("detail", failure.detail);
  out.end_object();
}

void write(Writer& out, std::string_view name, const Activity::Quantiles& quantiles) {
  out.begin_object(name);
  out.add_number("p50", quantiles.p50);
  out.add_number("p99", quantiles.p99);
  out.end_object();
}

void write(Writer& out, const Activity::Summary& activity) {
  out.begin_object("rates");
  out.add_number("records_per_second", activity.records_per_second);
  out.add_number("requests_per_second", activity.requests_per_second);
  out.add_number("bytes_per_second", activity.bytes_per_second);
  out.end_object();
  write(out, "delivery_age_seconds", activity.delivery_age);
  write(out, "request_seconds", activity.request_seconds);
  out.begin_object("dead_letters");
  for (const auto& [reason, count] : activity.dead_letters) out.add_count(reason, count);
  out.end_object();
}

// One curve: a number for each point.
template <typename Number>
void write_curve(Writer& out, std::string_view name, const std::vector<Activity::Point>& points,
                 const Number& number) {
  out.begin_array(name);
  for (const auto& point : points) out.item(number(point));
  out.end_array();
}

void write(Writer& out, const std::string& pipeline, const std::vector<Activity::Point>& points) {
  out.begin_object(pipeline);
  write_curve(out, "records_per_second", points,
              [](const auto& point) { return std::optional(point.records_per_second); });
  write_curve(out, "delivery_age_p50", points,
              [](const auto& point) { return point.delivery_age.p50; });
  write_curve(out, "delivery_age_p99", points,
              [](const auto& point) { return point.delivery_age.p99; });
  write_curve(out, "lag", points, [](const auto& point) {
    return point.lag ? std::optional(static_cast<double>(*point.lag)) : std::nullopt;
  });
  out.end_object();
}

// What the workers of one pipeline come to together.
struct Together {
  const WorkerStatus* first = nullptr;  // that stands still, else of all
  RecordCounts records;
  std::int64_t lag = -1;
  std::int64_t scalable_lag = 0;
  std::optional<double> oldest;
  std::map<std::string, const TenantStatus*> tenants;  // those that stand still

  void add(const WorkerStatus& worker) {
    if (first == nullptr || first->reason == StallReason::flowing ||
        worker.reason == StallReason::not_responding) {
      first = &worker;
    }
    records.add(worker);
    scalable_lag += worker.scalable_lag;
    for (const PartitionStatus& partition : worker.partitions) {
      if (partition.lag >= 0) lag = std::max(lag, std::int64_t{0}) + partition.lag;
      if (partition.oldest_undelivered_seconds) {
        oldest = std::max(oldest.value_or(0), *partition.oldest_undelivered_seconds);
      }
    }
    for (const TenantStatus& tenant : worker.tenants) tenants.try_emplace(tenant.name, &tenant);
  }
};

void write(Writer& out, const Together& all, const Activity* activity) {
  write_condition(out, "state", *all.first);
  out.add_known("lag", all.lag);
  out.add_known("scalable_lag", all.scalable_lag);
  out.add_number("oldest_undelivered_seconds", all.oldest);
  if (activity != nullptr) write(out, activity->summary());
  write(out, all.records);
  out.begin_array("tenants");
  for (const auto& [name, tenant] : all.tenants) {
    out.begin_object();
    out.add("name", name);
    write_condition(out, "state", *tenant);
    out.end_object();
  }
  out.end_array();
}

// `entries`: by pipeline and worker.
template <typename Entries>
void write_pipelines(Writer& out, const Entries& entries,
                     const std::map<std::string, Activity*>& activities) {
  out.begin_array("pipelines");
  for (auto first = entries.begin(); first != entries.end();) {
    const std::string& pipeline = first->first.first;
    auto end = first;
    Together all;
    for (; end != entries.end() && end->first.first == pipeline; ++end) {
      all.add(end->second.status);
    }
    const auto activity = activities.find(pipeline);
    out.begin_object();
    out.add("name", pipeline);
    out.add("group", first->second.group);
    out.add("target", first->second.target);
    write(out, all, activity == activities.end() ? nullptr : activity->second);
    out.begin_array("workers");
    for (; first != end; ++first) write(out, first->first.second, first->second.status);
    out.end_array();
    out.end_object();
  }
  out.end_array();
}

void write_history(Writer& out, const std::map<std::string, Activity*>& activities) {
  out.begin_object("history");
  out.add_known("every_seconds",
                std::chrono::duration_cast<std::chrono::seconds>(Activity::kPointEvery).count());
  out.begin_object("pipelines");
  for (const auto& [pipeline, activity] : activities) write(out, pipeline, activity->history());
  out.end_object();
  out.end_object();
}

}  // namespace

std::string StatusBoard::to_json(bool with_history) const {
  const std::lock_guard lock(mutex_);
  roll_for_silent_workers();
  auto entries = entries_;
  for (auto& [key, entry] : entries) entry.status = shown(entry);
  Writer out;
  out.begin_object();
  out.add("version", kVersion);
  out.add_time("time", clock_.wall_now());
  out.add_time("started", started_);
  write_pipelines(out, entries, activities_);
  out.begin_array("targets");
  for (const auto& [name, target] : targets_) write(out, name, target());
  out.end_array();
  out.begin_array("failures");
  for (const Failure& failure : failures_.list()) write(out, failure);
  out.end_array();
  if (with_history) write_history(out, activities_);
  out.end_object();
  return out.text();
}

}  // namespace sluice::telemetry
