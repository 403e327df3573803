#include "kafka/client_conf.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/threads.h"

namespace sluice::kafka {
namespace {

void on_log(const rd_kafka_t* client, int level, const char* /*facility*/, const char* text) {
  const auto* opaque = static_cast<const ClientOpaque*>(rd_kafka_opaque(client));
  if (opaque != nullptr && opaque->log) opaque->log(level, text);
}

Result<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size()) ==
      RD_KAFKA_CONF_OK) {
    return {};
  }
  // librdkafka quotes the value in `why`; it may be a password.
  const bool secret = name.find("password") != std::string::npos ||
                      name.find("secret") != std::string::npos ||
                      name.find(".pem") != std::string::npos;
  const std::string reason = secret ? "librdkafka does not take its value" : why.data();
  return fail("kafka.properties." + name + ": " + reason,
              "see librdkafka's CONFIGURATION.md for version " + library_version_text());
}

Result<void> set_all(rd_kafka_conf_t* conf, const std::map<std::string, std::string>& properties) {
  for (const auto& [name, value] : properties) {
    if (auto done = set(conf, name, value); !done) return done;
  }
  return {};
}

std::string join(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

}  // namespace

void ClientOpaque::adopt(const ClientOptions& options) {
  log = options.log;
  identity = identity_of(options);
  if (asks_for_tokens(options)) sasl = *options.sasl;
}

Result<ConfHandle> make_conf(const ClientOptions& options,
                             const std::map<std::string, std::string>& defaults,
                             const std::map<std::string, std::string>& ours) {
  ConfHandle conf(rd_kafka_conf_new());
  std::map<std::string, std::string> all = {{"client.id", options.client_id},
                                            {"socket.nagle.disable", "true"},
                                            {"log.connection.close", "false"}};
  std::map<std::string, std::string> security = security_properties(options);
  const std::array<const std::map<std::string, std::string>*, 4> layers = {
      &defaults, &options.properties, &security, &ours};
  for (const auto* layer : layers) {
    for (const auto& [name, value] : *layer) all[name] = value;
  }
  wipe_values(security);
  all["bootstrap.servers"] = join(options.brokers);
  const auto taken = set_all(conf.get(), all);
  wipe_values(all);
  if (!taken) return tl::unexpected(taken.error());
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  if (options.tls) look_at_certificates(conf.get());
  if (asks_for_tokens(options)) take_token_requests(conf.get());
  return conf;
}

// Without a thread for its coordinator librdkafka ends the process, without one for its brokers it
// waits for them for ever.
Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf,
                                 const ClientOptions& options, const std::string& what) {
  if (auto there = require_threads(threads_of_client(options)); !there) {
    return fail(what + ": " + there.error().cause, there.error().remedy);
  }
  std::array<char, 512> why{};
  ClientHandle client(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (!client) {
    return fail("librdkafka refuses the configuration of " + what + ": " + why.data(),
                "change kafka.properties");
  }
  (void)conf.release();  // rd_kafka_new took it
  if (asks_for_tokens(options)) {
    if (auto done = answer_token_requests(client.get()); !done) {
      return fail(what + ": " + done.error().cause, done.error().remedy);
    }
  }
  return client;
}

std::string error_text(rd_kafka_resp_err_t error) { return rd_kafka_err2str(error); }

Result<void> check_properties(const ClientOptions& options) {
  return make_conf(options, {}, {}).map([](const ConfHandle&) {});
}

Duration session_timeout(const ConsumerOptions& options) {
  auto found = options.client.properties.find("session.timeout.ms");
  if (found != options.client.properties.end()) {
    int ms = 0;
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), ms);
    if (ms > 0) return std::chrono::milliseconds(ms);
  }
  return options.instance_id ? std::chrono::seconds(45) : std::chrono::seconds(10);
}

std::size_t preferred_prefetch_bytes() {
  return library_version() >= 0x020200ff ? std::size_t{16} << 20 : std::size_t{64} << 20;
}

std::size_t threads_of_client(const ClientOptions& options) {
  // Its loop, its own tasks, the coordinator; one that asks for tokens.
  return 3 + options.brokers.size() + (asks_for_tokens(options) ? 1 : 0);
}

int library_version() { return rd_kafka_version(); }

std::string library_version_text() { return rd_kafka_version_str(); }

std::vector<std::string> library_warnings(const ClientOptions& options) {
  std::vector<std::string> warnings;
  const std::string version = "librdkafka " + library_version_text();
  if (library_version() < 0x020200ff) {
    warnings.push_back(version +
                       " sleeps a second when its prefetch queue is full (mended in 2.2): slower, "
                       "and 64 MiB instead of 16 are prefetched for each worker");
  }
  const std::string mechanism = mechanism_of(options);
  if (mechanism.starts_with("SCRAM") && !can_scram_with_kafka_4()) {
    warnings.push_back(version + " cannot log in with " + mechanism +
                       " to Kafka 4.x (mended in 2.6.1); brokers up to 3.9 work");
  }
  return warnings;
}

}  // namespace sluice::kafka
