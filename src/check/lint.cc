#include "check/lint.h"

#include "codec/schema.h"
#include "kafka/options.h"
#include "pipeline/options_of.h"

namespace sluice::check {

std::vector<Error> lint(const config::Config& config, WallTime now) {
  std::vector<Error> problems;
  if (auto taken = kafka::check_properties(pipeline::kafka_options_of(config)); !taken) {
    problems.push_back(taken.error());
  }
  for (const auto& pipeline : config.pipelines) {
    // A typing error in the year would be taken for `latest`, and all there is be skipped.
    if (pipeline.start == config::Start::time && pipeline.start_time > now) {
      problems.push_back({"pipelines." + pipeline.name + ".start: is a time to come",
                          "correct it, or write latest to begin with what comes from now on"});
    }
    if (!pipeline.schema) continue;
    if (auto loaded = codec::Schema::load(*pipeline.schema); !loaded) {
      problems.push_back({"pipelines." + pipeline.name + ".schema: " + loaded.error().cause,
                          loaded.error().remedy});
    }
  }
  return problems;
}

}  // namespace sluice::check
