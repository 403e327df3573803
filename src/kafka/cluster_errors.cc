#include "kafka/cluster_errors.h"

#include <algorithm>

#include "kafka/client_conf.h"
#include "kafka/credentials.h"

namespace sluice::kafka {
namespace {

// What says more goes first.
int weight(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return 3;
    case RD_KAFKA_RESP_ERR__SSL:
      return 2;
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return 1;
    default:
      return 0;
  }
}

bool holds(std::string_view text, std::string_view words) { return text.find(words) != text.npos; }

bool asks_for_another_protocol(std::string_view text) {
  for (const std::string_view words :
       {"PLAINTEXT broker listener", "security.protocol", "wrong version number", "unexpected eof",
        "current SASL state"}) {
    if (holds(text, words)) return true;
  }
  return false;
}

// The broker says in TLS what it has against our certificate, or that there is none.
bool is_alert_about_us(std::string_view text) {
  return holds(text, "alert") && (holds(text, "certificate") || holds(text, "unknown ca"));
}

std::string protocol_remedy(const Identity& identity) {
  if (!identity.by_properties) {
    return "let kafka.tls and kafka.sasl say what the listener of that port speaks, or correct the "
           "port";
  }
  return "set security.protocol in kafka.properties to what the listener of that port speaks: "
         "plaintext, ssl, sasl_plaintext or sasl_ssl; or correct the port";
}

std::string login_remedy(const Identity& identity) {
  if (identity.mechanism == "OAUTHBEARER") {
    return "correct client_id and scope of kafka.sasl: brokers take tokens of their own issuer and "
           "audience alone";
  }
  std::string remedy =
      identity.by_properties
          ? "correct sasl.mechanism, sasl.username and sasl.password in kafka.properties"
          : "correct mechanism, user and password of kafka.sasl";
  if (identity.mechanism.starts_with("SCRAM") && !can_scram_with_kafka_4()) {
    remedy += " (to Kafka 4.x librdkafka " + library_version_text() +
              " cannot log in with SCRAM at all: that takes 2.6.1)";
  }
  return remedy;
}

std::string certificate_remedy(const Identity& identity) {
  const std::string place =
      identity.by_properties ? "ssl.certificate.location and ssl.key.location in kafka.properties"
                             : "cert and key of kafka.tls";
  if (!identity.has_certificate) return "the listener asks for a client certificate: set " + place;
  return "renew " + place + ", or let the brokers trust the CA that has signed it";
}

std::string trust_remedy(const Identity& identity) {
  const std::string place =
      identity.by_properties ? "ssl.ca.location in kafka.properties" : "ca of kafka.tls";
  return "set " + place +
         " to the CA of the brokers' certificates, and name the brokers in kafka.brokers as their "
         "certificates do";
}

// "ssl://one:9093/1" of "ssl://one:9093/1: SSL handshake failed: ...", "one:9093" of
// "GroupCoordinator: one:9093: SSL handshake failed: ...".
std::string broker_of(std::string_view text) {
  constexpr std::string_view kCoordinator = "GroupCoordinator: ";
  if (text.starts_with(kCoordinator)) text.remove_prefix(kCoordinator.size());
  return std::string(text.substr(0, text.find(": ")));
}

Error certificate_trouble(const ConnectionError& error, const Identity& identity) {
  const std::string certificate = "the certificate of the broker " + broker_of(error.text);
  switch (error.flaw) {
    case CertificateFlaw::expired:
      return {certificate + " has expired", "renew it on the broker"};
    case CertificateFlaw::not_yet_valid:
      return {certificate + " is not valid yet", "set this machine's clock, or the broker's"};
    case CertificateFlaw::other_name:
      return {certificate + " is for another name",
              "name the broker, in kafka.brokers and in its advertised.listeners, as its "
              "certificate does"};
    case CertificateFlaw::none:
    case CertificateFlaw::untrusted:
      break;
  }
  return {certificate + " is signed by nobody we trust", trust_remedy(identity)};
}

ConnectionTrouble explain(const ConnectionError& error, const Identity& identity) {
  const std::string_view text = error.text;
  constexpr std::string_view kNoToken = "Failed to acquire SASL OAUTHBEARER token: ";
  if (const std::size_t at = text.find(kNoToken); at != text.npos) {
    return {{"there is no token to log in with: " + error.text.substr(at + kNoToken.size()), {}},
            true};
  }
  if (is_alert_about_us(text)) {
    return {{"the brokers refuse our certificate: " + error.text, certificate_remedy(identity)},
            true};
  }
  if (error.flaw != CertificateFlaw::none) return {certificate_trouble(error, identity)};
  if (asks_for_another_protocol(text)) {
    return {{"no broker answers as it should: " + error.text, protocol_remedy(identity)}};
  }
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return {{"the brokers refuse the login: " + error.text, login_remedy(identity)}, true};
    case RD_KAFKA_RESP_ERR__SSL:
      return {{"there is no TLS connection to a broker: " + error.text, trust_remedy(identity)}};
    case RD_KAFKA_RESP_ERR__RESOLVE:
      return {{"no broker answers: " + error.text, "correct the host in kafka.brokers"}};
    default:
      return {{"no broker answers: " + error.text,
               "start the brokers, or correct the host and port in kafka.brokers"}};
  }
}

}  // namespace

Identity identity_of(const ClientOptions& options) {
  Identity identity;
  for (const std::string& broker : options.brokers) {
    identity.brokers += (identity.brokers.empty() ? "" : ", ") + broker;
  }
  identity.by_properties =
      std::any_of(options.properties.begin(), options.properties.end(), [](const auto& property) {
        return property.first == "security.protocol" || property.first.starts_with("sasl.");
      });
  identity.mechanism = mechanism_of(options);
  const auto user = options.properties.find("sasl.username");
  if (user != options.properties.end()) identity.who = "user " + user->second;
  if (options.sasl && !options.sasl->user.empty()) identity.who = "user " + options.sasl->user;
  identity.has_certificate = (options.tls && options.tls->cert) ||
                             options.properties.contains("ssl.certificate.location") ||
                             options.properties.contains("ssl.keystore.location");
  return identity;
}

std::optional<ConnectionTrouble> connection_trouble(const ConnectionError& error,
                                                    const Identity& identity) {
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      return explain(error, identity);
    default:
      return std::nullopt;
  }
}

std::string settled_text(std::string_view text) {
  // So librdkafka guesses of each connection that ends while it asks for the broker's version.
  const auto guess = text.find(": probably due to broker version");
  return std::string(text.substr(0, std::min(guess, text.find(" (after "))));
}

Error why_no_answer(const std::vector<ConnectionError>& errors, rd_kafka_resp_err_t last,
                    const Identity& identity) {
  const ConnectionError* most = nullptr;
  for (const ConnectionError& error : errors) {
    if (error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) continue;
    if (most == nullptr || weight(error.code) >= weight(most->code)) most = &error;
  }
  if (most != nullptr) return explain(*most, identity).error;
  const std::string asked = identity.brokers.empty() ? "" : identity.brokers + ": ";
  return explain({last, asked + error_text(last)}, identity).error;
}

std::optional<Error> missing_right(rd_kafka_resp_err_t code, const Identity& identity,
                                   const std::string& thing, const std::string& to_do,
                                   const std::string& right) {
  if (code != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED &&
      code != RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
    return std::nullopt;
  }
  return Error{identity.who + " may not " + to_do + " " + thing + " (" + error_text(code) + ")",
               "give it the right " + right + " to " + thing};
}

tl::unexpected<Error> cannot_ask(const std::string& about, rd_kafka_resp_err_t error) {
  return fail("cannot ask the brokers about " + about + ": " + error_text(error),
              "see to the brokers, or try again");
}

}  // namespace sluice::kafka
