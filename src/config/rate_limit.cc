#include "config/rate_limit.h"

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
