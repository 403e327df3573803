#include "check/rate_limit_check.h"

#include <algorithm>
#include <cmath>

#include "check/words.h"
#include "config/rate_limit.h"
#include "config/values.h"

namespace sluice::check {
namespace {

using config::RateUnit;
using Users = std::vector<const config::Pipeline*>;

// "900 requests per 1s". Less than one is one: no limit can be kept with less.
std::string amount_of(const config::RateLimit& limit, double amount) {
  const auto whole = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::floor(amount)));
  const std::string per = " per " + config::format_duration(limit.per);
  switch (limit.unit) {
    case RateUnit::requests:
      return counted(whole, "request") + per;
    case RateUnit::records:
      return counted(whole, "record") + per;
    case RateUnit::bytes:
      return rounded(whole) + per;
  }
  return {};
}

std::uint64_t most_records(const Users& users) {
  std::uint64_t most = 0;
  for (const auto* user : users) most = std::max<std::uint64_t>(most, user->batch.max_records);
  return most;
}

// To be compared with what the API allows and what is expected to flow.
std::string summary_of(const config::RateLimit& limit, const Users& users) {
  const double amount = config::allowed(limit);
  std::string summary = "at most " + amount_of(limit, amount);
  if (!limit.path.empty()) summary += " to " + limit.path;
  if (limit.unit == RateUnit::requests) {
    const double requests = std::max(1.0, std::floor(amount));
    const auto records = static_cast<std::uint64_t>(requests) * most_records(users);
    summary += ", which can carry " + counted(records, "record");
  }
  if (!limit.share_by_group || users.empty()) return summary;
  return summary + ", divided among the replicas of group " + users.front()->group;
}

// The least that a replica needs which holds a single partition.
double least_of(const config::RateLimit& limit, const config::Pipeline& pipeline) {
  return limit.unit == RateUnit::bytes ? static_cast<double>(config::largest_single_body(pipeline))
                                       : 1;
}

std::string least_in_words(const config::RateLimit& limit, const config::Pipeline& pipeline) {
  switch (limit.unit) {
    case RateUnit::requests:
      return "a request";
    case RateUnit::records:
      return "a record";
    case RateUnit::bytes:
      return "a record of max_record_bytes " + config::format_size(pipeline.max_record_bytes);
  }
  return {};
}

// What a partition has of the limit when its replica holds no other: never less than it needs.
std::optional<Error> trouble_with_share(const std::string& key, const config::RateLimit& limit,
                                        const Users& users, const PartitionMap& partitions) {
  if (!limit.share_by_group || users.empty()) return std::nullopt;
  const config::Pipeline& user = *users.front();  // the only one: the loader has seen to it
  const auto found = partitions.find(user.name);
  const std::size_t count = found == partitions.end() ? 0 : found->second.size();
  const double needed = least_of(limit, user) * static_cast<double>(count);
  if (config::allowed(limit) >= needed) return std::nullopt;
  return Error{"at most " + amount_of(limit, config::allowed(limit)) + " is less than " +
                   least_in_words(limit, user) + " for each of the " + counted(count, "partition") +
                   " of " + user.name + ": a replica with one of them could not send",
               "raise " + key + ", or write the part of this process, such as share: 0.5"};
}

}  // namespace

void check_rate_limits(const config::Config& config, const PartitionMap& partitions,
                       Report& report) {
  for (const auto& [name, target] : config.targets) {
    const std::string key = key_of("targets", name, "rate_limit");
    for (const config::RateLimit& limit : target.rate_limit) {
      const Users users = config::users_of(limit, config, target);
      if (auto trouble = trouble_with_share(key, limit, users, partitions)) {
        report.fail(key, std::move(*trouble));
      } else {
        report.ok(key, summary_of(limit, users));
      }
    }
  }
}

}  // namespace sluice::check
