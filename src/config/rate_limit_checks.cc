#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "config/nearest.h"
#include "config/rate_limit.h"
#include "config/sections.h"
#include "config/values.h"

namespace sluice::config {
namespace {

// A limit as it stands in the file and as it was read.
struct Limit {
  const Value& value;
  const RateLimit& read;
  std::vector<const Pipeline*> users;
};

void check_path(Reader& reader, const Limit& limit, const Config& config, const Target& target) {
  const auto value = limit.value.child("path");
  const std::string& path = limit.read.path;
  if (!value || path.empty() || !limit.users.empty()) return;
  std::vector<std::string_view> paths;
  for (const Pipeline* pipeline : users_of({}, config, target)) {
    // One that could not be read may be the one that is meant.
    if (pipeline->path.empty()) return;
    paths.emplace_back(pipeline->path);
  }
  const std::string_view near = nearest(path, paths);
  reader.problem(*value, in_quotes(path) + " is the path of no pipeline of this target",
                 near.empty() ? "write the path of one as it stands there"
                              : "did you mean " + std::string(near) + "?");
}

// Members of one group know what the others hold of it; those of other groups nobody knows.
void check_group_share(Reader& reader, const Limit& limit) {
  const auto share = limit.value.child("share");
  if (!share || !limit.read.share_by_group || limit.users.size() < 2) return;
  std::string groups;
  for (const Pipeline* user : limit.users) groups += (groups.empty() ? "" : ", ") + user->group;
  const std::string by_path = "give each path a limit of its own with path, or ";
  reader.problem(*share,
                 "is group, but the groups " + groups +
                     " use this limit, and none knows what the others take of it",
                 (limit.read.path.empty() ? by_path : "") +
                     "write the part of this process, such as share: 0.5");
}

// All in bytes, since the numbers are to be compared.
std::string in_bytes(std::size_t bytes) { return std::to_string(bytes) + "B"; }

// "bytes 1048576B x safety 90% = 943718B".
std::string calculation_of(const RateLimit& limit) {
  std::ostringstream text;
  text << "bytes " << limit.limit << "B x safety " << limit.safety * 100 << '%';
  if (limit.share < 1) text << " x share " << limit.share;
  text << " = " << in_bytes(static_cast<std::size_t>(allowed(limit)));
  return text.str();
}

// The least limit of the same safety and share that lets `bytes` through.
std::size_t limit_for(std::size_t bytes, RateLimit limit) {
  limit.limit = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(bytes) / (limit.safety * limit.share)));
  const bool rounded_down = static_cast<std::size_t>(allowed(limit)) < bytes;
  return limit.limit + (rounded_down ? 1 : 0);
}

void check_fits(Reader& reader, const Limit& limit) {
  if (limit.read.unit != RateUnit::bytes) {
    if (static_cast<double>(limit.read.limit) * limit.read.share >= 1) return;
    reader.problem_of_key(limit.value, "lets nothing through: its share is less than one",
                          "raise the limit or its share");
    return;
  }
  const auto bytes = static_cast<std::size_t>(allowed(limit.read));
  for (const Pipeline* user : limit.users) {
    const std::size_t largest = largest_single_body(*user);
    if (bytes >= largest) continue;
    const std::string key = "pipelines." + user->name + ".max_record_bytes";
    reader.problem_of_key(
        limit.value,
        calculation_of(limit.read) + ", but the request of one record takes " + in_bytes(largest) +
            " by " + key + ", and would never go",
        "write bytes: " + in_bytes(limit_for(largest, limit.read)) + " or above, or lower " + key);
  }
}

void check_target(Reader& reader, const Value& limits, const Config& config, const Target& target) {
  const auto items = limits.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const RateLimit& read = target.rate_limit[i];
    const Limit limit{items[i], read, users_of(read, config, target)};
    check_path(reader, limit, config, target);
    check_group_share(reader, limit);
    if (read.limit > 0) check_fits(reader, limit);  // 0: what stands there could not be read
  }
}

}  // namespace

void check_rate_limits(Reader& reader, const Value& file, const Config& config) {
  const auto targets = file.child("targets");
  if (!targets) return;
  for (const auto& [name, target] : config.targets) {
    const auto value = targets->child(name);
    const auto limits = value ? value->child("rate_limit") : std::nullopt;
    if (limits) check_target(reader, *limits, config, target);
  }
}

}  // namespace sluice::config
