#include "check/lint.h"

#include <filesystem>
#include <system_error>

#include "auth/certificate.h"
#include "check/words.h"
#include "codec/schema.h"
#include "http/client.h"
#include "kafka/options.h"
#include "pipeline/options_of.h"

namespace sluice::check {
namespace {

// librdkafka names neither the property nor the file when it cannot read one.
void look_for_tls_files(const config::Kafka& kafka, std::vector<Error>& problems) {
  for (const char* name : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
                           "ssl.keystore.location", "ssl.crl.location"}) {
    const auto found = kafka.properties.find(name);
    if (found == kafka.properties.end()) continue;
    const std::string path(found->second.reveal());
    std::error_code ignored;
    if (path == "probe" || std::filesystem::exists(path, ignored)) continue;
    problems.push_back({std::string("kafka.properties.") + name + ": " + path + " does not exist",
                        "correct the path or create the file"});
  }
}

void check_kafka_tls(const config::Config& config, const kafka::ClientOptions& options,
                     WallTime now, std::vector<Error>& problems) {
  if (auto usable = kafka::try_tls_files(options); !usable) {
    problems.push_back(usable.error());
    return;
  }
  if (!config.kafka.tls.cert) return;
  const std::string& path = *config.kafka.tls.cert;
  if (const auto expires = auth::certificate_expiry(path); expires && *expires <= now) {
    problems.push_back({"kafka.tls.cert: the client certificate " + path + " has expired",
                        "renew it: brokers would refuse it"});
  }
}

void check_target(const config::Target& target, const Clock& clock, std::vector<Error>& problems) {
  const auto client = http::Client::create(pipeline::client_options_of(target), clock);
  if (client) return;
  problems.push_back(
      {key_of("targets", target.name, "tls") + ": " + client.error().cause, client.error().remedy});
}

void check_pipeline(const config::Pipeline& pipeline, WallTime now, std::vector<Error>& problems) {
  // A typing error in the year would be taken for `latest`, and all there is be skipped.
  if (pipeline.start == config::Start::time && pipeline.start_time > now) {
    problems.push_back({key_of("pipelines", pipeline.name, "start") + ": is a time to come",
                        "correct it, or write latest to begin with what comes from now on"});
  }
  if (!pipeline.schema) return;
  if (auto loaded = codec::Schema::load(*pipeline.schema); !loaded) {
    problems.push_back({key_of("pipelines", pipeline.name, "schema") + ": " + loaded.error().cause,
                        loaded.error().remedy});
  }
}

}  // namespace

std::vector<Error> lint(const config::Config& config, const Clock& clock) {
  std::vector<Error> problems;
  const kafka::ClientOptions kafka = pipeline::kafka_options_of(config, clock);
  if (auto taken = kafka::check_properties(kafka); !taken) problems.push_back(taken.error());
  check_kafka_tls(config, kafka, clock.wall_now(), problems);
  look_for_tls_files(config.kafka, problems);
  for (const auto& [name, target] : config.targets) check_target(target, clock, problems);
  for (const auto& pipeline : config.pipelines) {
    check_pipeline(pipeline, clock.wall_now(), problems);
  }
  return problems;
}

}  // namespace sluice::check
