// What /status says (docs/status.md), read back: as much of it as people are shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sluice::glance {

struct Condition {
  std::string reason = "flowing";  // as /status writes it: another version may know other words
  std::string detail = {};
  std::string next = {};
  std::optional<WallTime> since = {};
  std::optional<WallTime> next_at = {};
  std::vector<std::string> release = {};

  bool flows() const { return reason == "flowing"; }
};

struct Partition : Condition {
  std::string name;  // "topic/0"
};

struct Tenant : Condition {
  std::string name;
};

struct Pipeline : Condition {
  std::string name;
  std::optional<double> lag;
  std::optional<double> oldest_seconds;
  std::optional<double> records_per_second;
  std::optional<double> p50_seconds;  // from the record's timestamp to its delivery
  std::optional<double> p99_seconds;
  std::vector<Tenant> tenants;
  std::vector<Partition> partitions;  // of all workers
};

struct Budget {
  std::string path;
  std::string limit;
  double used = 0;
};

struct Target : Condition {
  std::string name;
  std::string breaker;
  std::optional<WallTime> throttled_until;
  std::optional<double> concurrency_limit;
  std::optional<double> in_flight;
  std::optional<double> waiting;
  std::vector<Budget> budgets;
  std::vector<std::string> refused;  // tenants whose newest credential is refused; "": of all
};

struct Failure {
  std::optional<WallTime> time;
  double count = 1;
  std::string pipeline;
  std::string where;  // "topic/0 at 950-999"
  std::string verdict;
  std::string detail;
};

struct Document {
  std::string version;
  std::optional<WallTime> time;  // of the answer, by the clock of who answered
  std::optional<WallTime> started;
  std::vector<Pipeline> pipelines;
  std::vector<Target> targets;
  std::vector<Failure> failures;  // newest first

  // No pipeline, partition, tenant or target stands still.
  bool all_flows() const;
};

// What is missing or of another kind is taken for unknown; an error where it is no /status at all.
Result<Document> read_document(std::string_view json);

}  // namespace sluice::glance
