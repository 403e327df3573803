#include "kafka/credentials.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "kafka/client_conf.h"

namespace sluice::kafka {
namespace {

constexpr const char* kOauthbearer = "OAUTHBEARER";

std::int64_t ms_since_epoch(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void on_token_wanted(rd_kafka_t* client, const char* /*config*/, void* opaque) {
  const Sasl& sasl = static_cast<const ClientOpaque*>(opaque)->sasl;
  const auto token = sasl.fetch_token();
  if (!token) {
    rd_kafka_oauthbearer_set_token_failure(client, token.error().text().c_str());
    return;
  }
  std::vector<const char*> extensions;
  for (const auto& [name, value] : sasl.extensions) {
    extensions.push_back(name.c_str());
    extensions.push_back(value.c_str());
  }
  std::array<char, 512> why{};
  const auto taken = rd_kafka_oauthbearer_set_token(
      client, token->value.c_str(), ms_since_epoch(token->expires), sasl.principal.c_str(),
      extensions.data(), extensions.size(), why.data(), why.size());
  if (taken != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_oauthbearer_set_token_failure(client, why.data());
  }
}

// As in OpenSSL's x509_vfy.h, X509_V_ERR_*.
CertificateFlaw flaw_of(int x509_error) {
  switch (x509_error) {
    case 9:
      return CertificateFlaw::not_yet_valid;
    case 10:
      return CertificateFlaw::expired;
    case 62:  // host name
    case 64:  // IP address
      return CertificateFlaw::other_name;
    default:
      return CertificateFlaw::untrusted;
  }
}

// Decides nothing: what OpenSSL refuses stays refused.
int on_certificate(rd_kafka_t* /*client*/, const char* broker, std::int32_t /*id*/, int* x509_error,
                   int /*depth*/, const char* /*der*/, std::size_t /*size*/, char* why,
                   std::size_t room, void* opaque) {
  if (*x509_error == 0) return 1;
  static_cast<ClientOpaque*>(opaque)->flaws.note(broker, flaw_of(*x509_error));
  std::snprintf(why, room, "OpenSSL's error %d", *x509_error);
  return 0;
}

Result<void> try_with(const TlsFiles& files, const std::string& what, std::string remedy) {
  ClientOptions options;
  options.tls = files;
  options.log = [](int, std::string_view) {};  // that there are no brokers
  auto conf = make_conf(options, {}, {});
  if (!conf) return tl::unexpected(conf.error());
  // Without brokers nobody is connected to.
  const auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf), options, "a trial");
  if (client) return {};
  return fail("kafka.tls: cannot use " + what + ": " + client.error().cause, std::move(remedy));
}

}  // namespace

std::map<std::string, std::string> security_properties(const ClientOptions& options) {
  std::map<std::string, std::string> made;
  if (!options.tls && !options.sasl) return made;
  const std::string transport = options.tls ? "ssl" : "plaintext";
  made["security.protocol"] = options.sasl ? "sasl_" + transport : transport;
  if (options.tls) {
    if (options.tls->ca) made["ssl.ca.location"] = *options.tls->ca;
    if (options.tls->cert) made["ssl.certificate.location"] = *options.tls->cert;
    if (options.tls->key) made["ssl.key.location"] = *options.tls->key;
  }
  if (options.sasl) {
    made["sasl.mechanism"] = options.sasl->mechanism;
    if (!asks_for_tokens(options)) {
      made["sasl.username"] = options.sasl->user;
      made["sasl.password"] = options.sasl->password;
    }
  }
  return made;
}

std::string mechanism_of(const ClientOptions& options) {
  if (options.sasl) return options.sasl->mechanism;
  for (const char* const name : {"sasl.mechanisms", "sasl.mechanism"}) {
    const auto found = options.properties.find(name);
    if (found != options.properties.end()) return found->second;
  }
  return {};
}

void SeenFlaws::note(const std::string& broker, CertificateFlaw flaw) {
  const std::lock_guard lock(mutex_);
  by_broker_[broker] = flaw;
}

CertificateFlaw SeenFlaws::of(int code, std::string_view text) const {
  if (code != RD_KAFKA_RESP_ERR__SSL) return CertificateFlaw::none;
  if (text.find("certificate verify failed") == text.npos) return CertificateFlaw::none;
  const std::lock_guard lock(mutex_);
  for (const auto& [broker, flaw] : by_broker_) {
    const std::size_t at = text.find(broker);
    if (at == text.npos) continue;
    const std::string_view behind = text.substr(at + broker.size(), 1);
    if (behind == "/" || behind == ":") return flaw;
  }
  return CertificateFlaw::none;
}

void look_at_certificates(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_ssl_cert_verify_cb(conf, &on_certificate);
}

bool can_scram_with_kafka_4() { return library_version() >= 0x020601ff; }

bool asks_for_tokens(const ClientOptions& options) {
  return options.sasl && options.sasl->mechanism == kOauthbearer;
}

void take_token_requests(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, &on_token_wanted);
  rd_kafka_conf_enable_sasl_queue(conf, 1);
}

Result<void> answer_token_requests(rd_kafka_t* client) {
  const ErrorHandle error(rd_kafka_sasl_background_callbacks_enable(client));
  if (!error) return {};
  return fail(std::string("librdkafka cannot ask for tokens: ") +
              rd_kafka_error_string(error.get()));
}

Result<void> try_tls_files(const ClientOptions& options) {
  if (!options.tls) return {};
  const TlsFiles& files = *options.tls;
  if (files.ca) {
    auto done = try_with({files.ca, {}, {}}, "the CA file " + *files.ca,
                         "name a file with whole certificates in PEM form");
    if (!done) return done;
  }
  if (!files.cert || !files.key) return {};
  return try_with(
      {{}, files.cert, files.key},
      "the client certificate " + *files.cert + " with the key " + *files.key,
      "name a certificate and the key that belongs to it, both whole and not encrypted");
}

}  // namespace sluice::kafka
