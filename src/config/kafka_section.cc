#include <algorithm>
#include <array>
#include <optional>

#include "config/address.h"
#include "config/key_readers.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

struct RefusedProperty {
  std::string_view name;
  std::string_view reason;
  std::string_view remedy;
};

constexpr std::string_view kOwnCommits = "offsets are committed after delivery, by Sluice alone";
constexpr std::string_view kConfirmed =
    "a dead letter counts only when all in-sync replicas have it, once";

constexpr RefusedProperty kRefused[] = {
    {"enable.auto.commit", kOwnCommits, "remove it"},
    {"auto.commit.enable", kOwnCommits, "remove it"},
    {"enable.auto.offset.store", kOwnCommits, "remove it"},
    {"offset.store.method", kOwnCommits, "remove it"},
    {"auto.offset.reset", "an offset that is gone parks the partition and is never skipped",
     "remove it; where a new group begins is said by start of the pipeline"},
    {"group.id", "each pipeline has its own group", "use group of the pipeline"},
    {"group.instance.id", "each worker needs an id of its own", "use instance_id"},
    {"bootstrap.servers", "it stands beside the properties", "use kafka.brokers"},
    {"metadata.broker.list", "it stands beside the properties", "use kafka.brokers"},
    {"enable.partition.eof", "ends of partitions are no records", "remove it"},
    {"acks", kConfirmed, "remove it"},
    {"request.required.acks", kConfirmed, "remove it"},
    {"enable.idempotence", kConfirmed, "remove it"},
    {"transactional.id", kConfirmed, "remove it"},
    {"delivery.report.only.error", kConfirmed, "remove it"},
};

constexpr int kFirstCooperative = 0x020a01ff;  // librdkafka 2.10.1

// What must not be set to every value. Quotes nothing but names.
std::optional<Error> refused_value(std::string_view name, std::string_view text, int version) {
  if (name == "partition.assignment.strategy" && version < kFirstCooperative &&
      text.find("cooperative-sticky") != text.npos) {
    return Error{"cooperative-sticky loses partitions in librdkafka before 2.10.1",
                 "use range,roundrobin, the default, or a newer librdkafka"};
  }
  if (name == "group.protocol" && text != "classic") {
    return Error{"only the classic protocol is supported", "remove it"};
  }
  return std::nullopt;
}

bool is_secret_property(std::string_view name) {
  return name.find("password") != name.npos || name.find("secret") != name.npos ||
         name.ends_with(".pem");
}

// Where the colon is missing, the key holds the value, perhaps a secret: it is not shown.
bool is_property_name(std::string_view name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == name.npos;
}

void read_property(Reader& reader, const Value& value, Kafka& out) {
  if (!is_property_name(value.key)) {
    Value shown = value;
    shown.path = "kafka.properties";
    reader.problem_of_key(shown, "has a key that names no property",
                          "write name: value, with a blank after the colon");
    return;
  }
  const auto* const refused =
      std::find_if(std::begin(kRefused), std::end(kRefused),
                   [&](const RefusedProperty& p) { return p.name == value.key; });
  if (refused != std::end(kRefused)) {
    reader.problem_of_key(value, "cannot be set: " + std::string(refused->reason),
                          std::string(refused->remedy));
    return;
  }
  Secret& property = out.properties[std::string(value.key)];
  if (is_secret_property(value.key)) {
    reader.secret(value, property);
    return;
  }
  const auto text = reader.text(value);
  if (!text) return;
  if (auto error = refused_value(value.key, *text, reader.options().librdkafka_version)) {
    reader.problem(value, error->cause, std::move(error->remedy));
    return;
  }
  property = Secret(*text);
}

void read_properties(Reader& reader, const Value& value, Kafka& out) {
  for (const Value& property : reader.map(value)) read_property(reader, property, out);
}

// A name as a pattern.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) (out += c == '.' ? "\\" : "") += c;
  return out;
}

Form properties_form() {
  constexpr std::string_view kSecret = R"_((.*(password|secret)|.*\.pem$))_";
  std::string refused;
  for (const RefusedProperty& property : kRefused) {
    refused += (refused.empty() ? "" : "|") + escaped(property.name);
  }
  const std::string allowed = "^(?!(" + refused + R"_(|group\.protocol)$)(?)_";
  const std::string secret = allowed + "=" + std::string(kSecret) + ")[a-z0-9._]+$";
  const std::string other = allowed + "!" + std::string(kSecret) + ")[a-z0-9._]+$";
  Form form;
  form.keywords = R"("type":"object","properties":{"group.protocol":{"enum":["classic"]}},)"
                  R"("patternProperties":{)" +
                  json_quoted(secret) + ":{" + secret_text().keywords + "}," + json_quoted(other) +
                  ":{" + any_text().keywords + R"(}},"additionalProperties":false)";
  return form;
}

void read_broker(Reader& reader, const Value& value, Kafka& out) {
  const auto text = reader.text(value);
  if (!text) return;
  if (text->find("://") != text->npos) {
    reader.problem(value, "has a scheme",
                   "write host:port; kafka.tls and kafka.sasl say how it is spoken to");
    return;
  }
  const auto address = reader.take(value, parse_host_port(*text));
  if (!address) return;
  if (address->port == 0) {
    reader.problem(value, "has port 0", "write the broker's port, such as 9092");
    return;
  }
  out.brokers.push_back(*text);
}

void read_brokers(Reader& reader, const Value& value, Kafka& out) {
  for (const Value& broker : reader.list(value, "[localhost:9092]")) {
    read_broker(reader, broker, out);
  }
}

Form brokers_form() { return list_form(broker_text()); }

constexpr Key<Kafka> kKafkaKeys[] = {
    {"brokers", {read_brokers, brokers_form}, Need::required, "brokers: [localhost:9092]"},
    {"properties", {read_properties, properties_form}},
    {"tls", {read_kafka_tls, kafka_tls_form}},
    {"sasl", {read_kafka_sasl, kafka_sasl_form}},
};

}  // namespace

Form kafka_form() {
  // As check_kafka_credentials() has them. What is_said_there(), where it is said there:
  constexpr const char* kOneOfTwo =
      R"({"if":{"anyOf":[{"required":["sasl"]},{"properties":{"tls":{"not":{"enum":["off",false]}}},)"
      R"("required":["tls"]}]},"then":{"properties":{"properties":{"patternProperties":{)"
      R"_("^(security\\.protocol$|ssl\\.(ca|certificate|key|keystore)\\.|sasl\\.|enable\\.sasl\\.)":)_"
      R"({"not":{}}}}}}})";
  // A password or token in clear, to brokers that are not all on this machine.
  const std::string clear =
      R"({"if":{"properties":{"sasl":{"properties":{"mechanism":{"enum":["PLAIN","OAUTHBEARER"]}},)"
      R"("required":["mechanism"]},"brokers":{"contains":{"type":"string","not":{"pattern":)" +
      json_quoted(kLoopbackBroker) +
      R"(}}}},"required":["sasl","brokers"]},"then":{"required":["tls"]}})";
  return with_rules(map_form<kKafkaKeys>(), kOneOfTwo + ("," + clear));
}

void read_kafka(Reader& reader, const Value& value, Config& out) {
  read_keys(reader, value, kKafkaKeys, out.kafka);
  check_kafka_credentials(reader, value, out.kafka);
}

}  // namespace sluice::config
