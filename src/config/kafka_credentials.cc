// How the brokers are spoken to: kafka.tls and kafka.sasl.
#include <algorithm>
#include <iterator>
#include <utility>

#include "config/address.h"
#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr Key<KafkaTls> kKafkaTlsKeys[] = {
    {"ca", pem_file<&KafkaTls::ca>},
    {"cert", pem_file<&KafkaTls::cert>},
    {"key", pem_file<&KafkaTls::key>},
};

constexpr Choice<SaslMechanism> kMechanisms[] = {{"PLAIN", SaslMechanism::plain},
                                                 {"SCRAM-SHA-256", SaslMechanism::scram_sha_256},
                                                 {"SCRAM-SHA-512", SaslMechanism::scram_sha_512},
                                                 {"OAUTHBEARER", SaslMechanism::oauthbearer}};

Result<std::string> parse_endpoint(std::string_view text) {
  const auto url = parse_base_url(text);
  if (!url) return tl::unexpected(url.error());
  if (url->secure || url->loopback) return std::string(text);
  return fail("is http, so the secret and the token would cross the network in clear", "use https");
}

// RFC 7628, section 3.1: names are letters, and "auth" is taken.
void read_extension(Reader& reader, const Value& value, KafkaSasl& out) {
  const bool letters = std::all_of(value.key.begin(), value.key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (!letters || value.key.empty() || value.key == "auth") {
    reader.problem_of_key(value, "is no name of an extension", "use letters only, and not auth");
    return;
  }
  const auto raw = reader.text(value);
  if (!raw) return;
  if (auto text = reader.take(value, parse_line(*raw))) {
    out.extensions[std::string(value.key)] = std::move(*text);
  }
}

void read_extensions(Reader& reader, const Value& value, KafkaSasl& out) {
  for (const Value& extension : reader.map(value)) read_extension(reader, extension, out);
}

Form extensions_form() { return named_form(line_text(), "^(?!auth$)[A-Za-z]+$"); }

constexpr Key<KafkaSasl> kSaslKeys[] = {
    {"mechanism", choice<&KafkaSasl::mechanism, kMechanisms>, Need::required,
     "mechanism: SCRAM-SHA-512"},
    {"user", text<&KafkaSasl::user, parse_line, line_text>},
    {"password", secret<&KafkaSasl::password>},
    {"token_endpoint", text<&KafkaSasl::token_endpoint, parse_endpoint, secure_url_text>},
    {"client_id", text<&KafkaSasl::client_id, parse_line, line_text>},
    {"client_secret", secret<&KafkaSasl::client_secret>},
    {"scope", text<&KafkaSasl::scope, parse_line, line_text>},
    {"extensions", {read_extensions, extensions_form}},
    {"ca", pem_file<&KafkaSasl::ca>},
};

struct OwnKey {
  std::string_view name;
  bool oauthbearer = false;       // else of the mechanisms with a password
  std::string_view example = {};  // of one that is required
};

constexpr OwnKey kOwnKeys[] = {
    {"user", false, "user: sluice"},
    {"password", false, "password: \"${env:KAFKA_PASSWORD}\""},
    {"token_endpoint", true, "token_endpoint: https://login.example.com/oauth2/token"},
    {"client_id", true, "client_id: sluice"},
    {"client_secret", true, "client_secret: \"${env:KAFKA_CLIENT_SECRET}\""},
    {"scope", true},
    {"extensions", true},
    {"ca", true},
};

// A mechanism has keys of its own; those of another would say nothing.
void check_own_keys(Reader& reader, const Value& value, SaslMechanism mechanism) {
  const bool oauthbearer = mechanism == SaslMechanism::oauthbearer;
  for (const OwnKey& key : kOwnKeys) {
    const auto there = value.child(key.name);
    if (there && key.oauthbearer != oauthbearer) {
      reader.problem_of_key(*there,
                            oauthbearer ? "is a key of PLAIN and SCRAM, not of OAUTHBEARER"
                                        : "is a key of OAUTHBEARER",
                            "remove it or change the mechanism");
    }
    if (there || key.oauthbearer != oauthbearer || key.example.empty()) continue;
    Value missing = value;
    missing.path += "." + std::string(key.name);
    reader.problem_of_key(missing, "is missing", "add it, such as " + std::string(key.example));
  }
}

// The same as a JSON Schema.
std::string mechanism_rule(bool oauthbearer) {
  std::string required;
  std::string foreign;
  for (const OwnKey& key : kOwnKeys) {
    if (key.oauthbearer != oauthbearer) {
      foreign += (foreign.empty() ? "" : ",") + json_quoted(key.name) + ":{\"not\":{}}";
    } else if (!key.example.empty()) {
      required += (required.empty() ? "" : ",") + json_quoted(key.name);
    }
  }
  std::string mechanisms;
  for (const auto& choice : kMechanisms) {
    if ((choice.value == SaslMechanism::oauthbearer) != oauthbearer) continue;
    mechanisms += (mechanisms.empty() ? "" : ",") + json_quoted(choice.name);
  }
  return R"({"if":{"properties":{"mechanism":{"enum":[)" + mechanisms +
         R"(]}},"required":["mechanism"]},"then":{"required":[)" + required +
         R"(],"properties":{)" + foreign + "}}}";
}

// What the two sections say of librdkafka's properties.
bool is_said_there(std::string_view property) {
  constexpr std::string_view kOurs[] = {"ssl.ca.", "ssl.certificate.", "ssl.key.", "ssl.keystore.",
                                        "sasl.",   "enable.sasl."};
  if (property == "security.protocol") return true;
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [&](std::string_view prefix) { return property.starts_with(prefix); });
}

void check_properties_beside(Reader& reader, const Value& value, const Kafka& kafka) {
  const auto properties = value.child("properties");
  if (!properties || (!kafka.tls.on && !kafka.sasl)) return;
  for (const Value& property : properties->children()) {
    if (!is_said_there(property.key)) continue;
    reader.problem_of_key(property,
                          std::string("stands beside kafka.") + (kafka.sasl ? "sasl" : "tls") +
                              ", which says how the brokers are spoken to",
                          "keep one of the two: kafka.tls and kafka.sasl, or the properties");
  }
}

// Whoever listens would have them: the password of PLAIN, the token of OAUTHBEARER.
void check_clear(Reader& reader, const Value& value, const Kafka& kafka) {
  if (!kafka.sasl || kafka.tls.on || kafka.tls.off) return;
  const bool plain = kafka.sasl->mechanism == SaslMechanism::plain;
  if (!plain && kafka.sasl->mechanism != SaslMechanism::oauthbearer) return;
  const bool local =
      std::all_of(kafka.brokers.begin(), kafka.brokers.end(), [](const std::string& broker) {
        const auto address = parse_host_port(broker);
        return address && is_loopback(address->host);
      });
  if (local) return;
  reader.problem_of_key(*value.child("sasl"),
                        std::string("has no TLS, so the ") + (plain ? "password" : "token") +
                            " would cross the network in clear",
                        "add kafka.tls, such as tls: {ca: ca.pem}, or tls: off to allow it");
}

}  // namespace

Form kafka_tls_form() {
  return or_words(with_rules(map_form<kKafkaTlsKeys>(), together("cert", "key")), {"on", "off"});
}

Form kafka_sasl_form() {
  return with_rules(map_form<kSaslKeys>(), mechanism_rule(true) + "," + mechanism_rule(false));
}

void read_kafka_tls(Reader& reader, const Value& value, Kafka& out) {
  if (value.is_scalar()) {
    // Tools that pass YAML through JSON turn the words on and off into true and false.
    const std::string& word = value.node->text;
    out.tls.on = word == "on" || word == "true";
    out.tls.off = word == "off" || word == "false";
    if (out.tls.on || out.tls.off) return;
    reader.problem(value, "is neither on, off nor a map", "write on, off or {ca: ca.pem}");
    return;
  }
  out.tls.on = true;
  read_keys(reader, value, kKafkaTlsKeys, out.tls);
  const bool cert = value.child("cert").has_value();
  if (cert != value.child("key").has_value()) {
    reader.problem_of_key(value, cert ? "has cert, but no key" : "has key, but no cert",
                          "give the client certificate and its key, or neither");
  }
}

void read_kafka_sasl(Reader& reader, const Value& value, Kafka& out) {
  KafkaSasl& sasl = out.sasl.emplace();
  read_keys(reader, value, kSaslKeys, sasl);
  const auto mechanism = value.child("mechanism");
  const bool known = mechanism && mechanism->is_scalar() &&
                     std::any_of(std::begin(kMechanisms), std::end(kMechanisms),
                                 [&](const auto& c) { return c.name == mechanism->node->text; });
  if (known) check_own_keys(reader, value, sasl.mechanism);
}

void check_kafka_credentials(Reader& reader, const Value& value, const Kafka& kafka) {
  check_properties_beside(reader, value, kafka);
  check_clear(reader, value, kafka);
}

}  // namespace sluice::config
