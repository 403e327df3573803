// How the brokers are reached, and as whom. Plain data; part of config.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/secret.h"

namespace sluice::config {

struct KafkaTls {
  bool on = false;
  bool off = false;                 // said aloud: a password or token may go in clear
  std::optional<std::string> ca;    // PEM file that is trusted instead of the system's CAs
  std::optional<std::string> cert;  // PEM files of the client certificate and its key: both or none
  std::optional<std::string> key;
  bool operator==(const KafkaTls&) const = default;
};

enum class SaslMechanism : std::uint8_t { plain, scram_sha_256, scram_sha_512, oauthbearer };

struct KafkaSasl {
  SaslMechanism mechanism = SaslMechanism::plain;
  // Of all mechanisms but oauthbearer.
  std::string user;
  Secret password;
  // Of oauthbearer: where a token is asked for (OAuth 2.0, client credentials), and as whom.
  std::string token_endpoint;
  std::string client_id;
  Secret client_secret;
  std::string scope;                              // empty: none is asked for
  std::map<std::string, std::string> extensions;  // told to the brokers beside the token
  std::optional<std::string> ca;                  // of the token endpoint, as in tls
  bool operator==(const KafkaSasl&) const = default;
};

struct Kafka {
  std::vector<std::string> brokers;  // host:port, at least one
  // librdkafka names to values, passed through. Secret: a value may come from the environment or
  // a file (sasl.password), and the loader does not tell those apart from the others.
  std::map<std::string, Secret> properties;
  KafkaTls tls;
  std::optional<KafkaSasl> sasl;
  bool operator==(const Kafka&) const = default;
};

}  // namespace sluice::config
