#include "config/rate_limit.h"

#include "config/values.h"

namespace sluice::config {

std::vector<const Pipeline*> users_of(const RateLimit& limit, const Config& config,
                                      const Target& target) {
  std::vector<const Pipeline*> users;
  for (const Pipeline& pipeline : config.pipelines) {
    if (pipeline.target != target.name) continue;
    if (limit.path.empty() || pipeline.path == limit.path) users.push_back(&pipeline);
  }
  return users;
}

double allowed(const RateLimit& limit) {
  return static_cast<double>(limit.limit) * limit.safety * limit.share;
}

std::string text_of(const RateLimit& limit) {
  const std::string per = "/" + format_duration(limit.per);
  switch (limit.unit) {
    case RateUnit::requests:
      return std::to_string(limit.limit) + " requests" + per;
    case RateUnit::records:
      return std::to_string(limit.limit) + " records" + per;
    case RateUnit::bytes:
      return format_size(limit.limit) + per;
  }
  return {};
}

std::size_t largest_single_body(const Pipeline& pipeline) {
  switch (pipeline.body) {
    case BodyFormat::json_array:
      return pipeline.max_record_bytes + 2;  // its brackets
    case BodyFormat::ndjson:
      return pipeline.max_record_bytes + 1;  // its line feed
    case BodyFormat::json:
      return pipeline.max_record_bytes;
  }
  return pipeline.max_record_bytes;
}

}  // namespace sluice::config
