#include "glance/document.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace sluice::glance {
namespace {

using Json = rapidjson::Value;

// nullptr: there is none.
const Json* member(const Json& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string text(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::optional<double> number(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  return value->GetDouble();
}

// "2026-11-25T18:00:00.123Z".
std::optional<WallTime> time(const Json& object, const char* name) {
  const std::string written = text(object, name);
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int milliseconds = 0;
  constexpr int kAll = 7;
  // NOLINTNEXTLINE(cert-err34-c): a number too large for its place is no time anyway
  if (std::sscanf(written.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d.%3dZ", &year, &month, &day, &hour,
                  &minute, &second, &milliseconds) != kAll) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  // Beyond that our own clock has no times.
  if (!date.ok() || year < 1970 || year > 2200) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(milliseconds);
}

std::string whole(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.0f", number);
  return text.data();
}

template <typename Take>
void for_each(const Json& object, const char* name, const Take& take) {
  const Json* const list = member(object, name);
  if (list == nullptr || !list->IsArray()) return;
  for (const Json& item : list->GetArray()) take(item);
}

void read_condition(const Json& object, const char* reason, Condition& out) {
  out.reason = text(object, reason);
  out.detail = text(object, "detail");
  out.next = text(object, "next");
  out.since = time(object, "since");
  out.next_at = time(object, "next_at");
  for_each(object, "release", [&](const Json& command) {
    if (command.IsString()) out.release.emplace_back(command.GetString());
  });
}

std::string partition_name(const Json& object) {
  const auto partition = number(object, "partition");
  return text(object, "topic") + "/" + (partition ? whole(*partition) : "?");
}

Pipeline read_pipeline(const Json& object) {
  Pipeline out;
  read_condition(object, "state", out);
  out.name = text(object, "name");
  out.lag = number(object, "lag");
  out.oldest_seconds = number(object, "oldest_undelivered_seconds");
  if (const Json* const rates = member(object, "rates")) {
    out.records_per_second = number(*rates, "records_per_second");
  }
  if (const Json* const age = member(object, "delivery_age_seconds")) {
    out.p50_seconds = number(*age, "p50");
    out.p99_seconds = number(*age, "p99");
  }
  for_each(object, "tenants", [&](const Json& item) {
    Tenant& tenant = out.tenants.emplace_back();
    read_condition(item, "state", tenant);
    tenant.name = text(item, "name");
  });
  for_each(object, "workers", [&](const Json& worker) {
    for_each(worker, "partitions", [&](const Json& item) {
      Partition& partition = out.partitions.emplace_back();
      read_condition(item, "reason", partition);
      partition.name = partition_name(item);
    });
  });
  return out;
}

Target read_target(const Json& object) {
  Target out;
  read_condition(object, "reason", out);
  out.name = text(object, "name");
  out.breaker = text(object, "breaker");
  out.throttled_until = time(object, "throttled_until");
  out.concurrency_limit = number(object, "concurrency_limit");
  out.in_flight = number(object, "in_flight");
  out.waiting = number(object, "waiting");
  for_each(object, "budgets", [&](const Json& item) {
    out.budgets.push_back(
        {text(item, "path"), text(item, "limit"), number(item, "used").value_or(0)});
  });
  for_each(object, "credentials", [&](const Json& item) {
    const Json* const refused = member(item, "newest_refused");
    if (refused != nullptr && refused->IsTrue()) out.refused.push_back(text(item, "tenant"));
  });
  return out;
}

Failure read_failure(const Json& object) {
  Failure out;
  out.time = time(object, "time");
  out.count = number(object, "count").value_or(1);
  out.pipeline = text(object, "pipeline");
  out.where = partition_name(object);
  const auto first = number(object, "first_offset");
  const auto last = number(object, "last_offset");
  if (first) out.where += " at " + whole(*first);
  if (first && last && *first != *last) out.where += "-" + whole(*last);
  out.verdict = text(object, "verdict");
  out.detail = text(object, "detail");
  return out;
}

template <typename Things>
bool flow(const Things& things) {
  return std::all_of(things.begin(), things.end(), [](const auto& thing) { return thing.flows(); });
}

}  // namespace

bool Document::all_flows() const {
  return flow(pipelines) && flow(targets) &&
         std::all_of(pipelines.begin(), pipelines.end(), [](const Pipeline& pipeline) {
           return flow(pipeline.tenants) && flow(pipeline.partitions);
         });
}

Result<Document> read_document(std::string_view json) {
  rapidjson::Document parsed;
  // Without recursion: whoever answers may not be Sluice at all.
  parsed.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(),
                                                                                       json.size());
  if (parsed.HasParseError() || member(parsed, "pipelines") == nullptr) {
    return fail("the answer is no status of Sluice", "check that the address is admin.listen's");
  }
  Document out;
  out.version = text(parsed, "version");
  out.time = time(parsed, "time");
  out.started = time(parsed, "started");
  for_each(parsed, "pipelines",
           [&](const Json& item) { out.pipelines.push_back(read_pipeline(item)); });
  for_each(parsed, "targets", [&](const Json& item) { out.targets.push_back(read_target(item)); });
  for_each(parsed, "failures",
           [&](const Json& item) { out.failures.push_back(read_failure(item)); });
  return out;
}

}  // namespace sluice::glance
