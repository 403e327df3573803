#include "service/kafka_login.h"

#include <algorithm>

#include "kafka/cluster_probe.h"
#include "pipeline/options_of.h"

namespace sluice::service {

Result<void> try_kafka_login(const config::Config& config, const Clock& clock) {
  const auto probe = kafka::make_cluster_probe(pipeline::kafka_options_of(config, clock));
  if (!probe) return tl::unexpected(probe.error());
  const auto cluster = (*probe)->cluster();
  if (!cluster) return fail("kafka: " + cluster.error().cause, cluster.error().remedy);
  const auto& brokers = cluster->brokers;
  const auto silent = [](const auto& broker) { return !broker.trouble.empty(); };
  if (!std::all_of(brokers.begin(), brokers.end(), silent)) return {};
  if (brokers.empty()) return fail("kafka: the cluster names no broker", "try again");
  return fail("kafka: the cluster sends us to " + brokers.front().address +
                  ", where no broker answers: " + brokers.front().trouble,
              "let this machine reach that address, or correct advertised.listeners of the broker");
}

}  // namespace sluice::service
