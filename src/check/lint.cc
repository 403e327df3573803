#include "check/lint.h"

#include "codec/schema.h"
#include "kafka/options.h"
#include "pipeline/options_of.h"

namespace sluice::check {

std::vector<Error> lint(const config::Config& config) {
  std::vector<Error> problems;
  if (auto taken = kafka::check_properties(pipeline::kafka_options_of(config)); !taken) {
    problems.push_back(taken.error());
  }
  for (const auto& pipeline : config.pipelines) {
    if (!pipeline.schema) continue;
    if (auto loaded = codec::Schema::load(*pipeline.schema); !loaded) {
      problems.push_back({"pipelines." + pipeline.name + ".schema: " + loaded.error().cause,
                          loaded.error().remedy});
    }
  }
  return problems;
}

}  // namespace sluice::check
