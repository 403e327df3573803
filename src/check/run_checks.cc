#include "check/run_checks.h"

#include <algorithm>
#include <string_view>

#include "check/certificate_check.h"
#include "check/kafka_check.h"
#include "check/memory_check.h"
#include "check/rate_limit_check.h"
#include "check/target_check.h"
#include "check/words.h"
#include "kafka/cluster_probe.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

PartitionMap ask_kafka(const config::Config& config, const Clock& clock, Report& report) {
  const auto probe = kafka::make_cluster_probe(pipeline::kafka_options_of(config, clock));
  if (probe) return check_kafka(config, **probe, report);
  report.fail("kafka", probe.error());
  return {};
}

}  // namespace

void run_checks(const config::Config& config, bool offline, const Clock& clock, Report& report) {
  report.ok("configuration", counted(config.pipelines.size(), "pipeline") + " to " +
                                 counted(config.targets.size(), "target"));
  check_credentials(config, clock, report);
  if (const auto& cert = config.kafka.tls.cert) {
    check_own_certificate("kafka.tls.cert", *cert, "a reload takes the new one", clock.wall_now(),
                          report);
  }
  for (auto& warning : kafka::library_warnings(pipeline::kafka_options_of(config, clock))) {
    report.warn("librdkafka", std::move(warning), "install a newer librdkafka");
  }
  PartitionMap partitions;
  if (!offline) partitions = ask_kafka(config, clock, report);
  check_memory(config, partitions, report);
  check_rate_limits(config, partitions, report);
  if (!offline) check_targets(config, clock, report);
}

std::size_t subject_width(const config::Config& config) {
  std::size_t width = std::string_view("configuration").size();
  for (const auto& pipeline : config.pipelines) {
    width = std::max(width, key_of("pipelines", pipeline.name, "dead_letter").size());
  }
  for (const auto& [name, target] : config.targets) {
    width = std::max(width, key_of("targets", name, "rate_limit").size());
  }
  return width;
}

}  // namespace sluice::check
