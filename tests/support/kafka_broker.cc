#include "support/kafka_broker.h"

#include <stdexcept>
#include <utility>

#include "support/free_port.h"
#include "support/kafka_admin.h"

namespace sluice::test {
namespace {

constexpr int kStartTries = 3;  // another process may take a port between our look and Java's bind

std::string on_loopback(const std::string& listener, std::uint16_t port) {
  return listener + "://127.0.0.1:" + std::to_string(port);
}

}  // namespace

KafkaBroker::KafkaBroker(std::map<std::string, std::string> properties,
                         std::map<std::string, std::string> users, std::uint16_t proxied_by)
    : properties_(std::move(properties)), users_(std::move(users)), proxied_by_(proxied_by) {
  start_with_ports_of_its_own();
}

KafkaBroker::KafkaBroker(Extra extra) : extra_(std::move(extra)) { start_with_ports_of_its_own(); }

void KafkaBroker::start_with_ports_of_its_own() {
  for (int tries = 1;; ++tries) {
    take_ports();
    node_.emplace(KafkaNode::Options{
        .address = brokers(), .properties = all_properties(), .format = extra_.format});
    try {
      node_->start();
      return;
    } catch (const std::runtime_error&) {
      if (tries == kStartTries || node_->running()) throw;
    }
  }
}

KafkaBroker& KafkaBroker::shared() {
  static KafkaBroker broker;
  return broker;
}

void KafkaBroker::take_ports() {
  port_ = free_port();
  controller_port_ = free_port();
  sasl_port_ = free_port();
  proxied_port_ = free_port();
}

std::map<std::string, std::string> KafkaBroker::all_properties() const {
  std::map<std::string, std::string> all = node_defaults(1);
  all["controller.quorum.voters"] = "1@127.0.0.1:" + std::to_string(controller_port_);
  std::string listeners = on_loopback("PLAINTEXT", port_);
  std::string advertised = listeners;
  std::string protocols = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT";
  if (!users_.empty()) {
    listeners += "," + on_loopback("SASL_PLAINTEXT", sasl_port_);
    advertised += "," + on_loopback("SASL_PLAINTEXT", sasl_port_);
    protocols += ",SASL_PLAINTEXT:SASL_PLAINTEXT";
    all.merge(sasl_properties());
  }
  if (proxied_by_ != 0) {
    listeners += "," + on_loopback("PROXIED", proxied_port_);
    advertised += "," + on_loopback("PROXIED", proxied_by_);
    protocols += ",PROXIED:PLAINTEXT";
  }
  all["listeners"] = listeners + "," + on_loopback("CONTROLLER", controller_port_);
  all["advertised.listeners"] = advertised;
  all["listener.security.protocol.map"] = protocols;
  for (const auto& [name, value] : properties_) all[name] = value;
  for (const auto& [name, value] : extra_.properties) {
    const bool listens = name == "listeners" || name == "advertised.listeners" ||
                         name == "listener.security.protocol.map";
    all[name] = listens ? all[name] + value : value;
  }
  return all;
}

std::map<std::string, std::string> KafkaBroker::sasl_properties() const {
  std::string login = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  for (const auto& [user, password] : users_) login += " user_" + user + "=\"" + password + "\"";
  return {{"sasl.enabled.mechanisms", "PLAIN"},
          {"listener.name.sasl_plaintext.plain.sasl.jaas.config", login + ";"},
          {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
          {"super.users", "User:ANONYMOUS"}};  // whoever comes in clear, the node itself included
}

void KafkaBroker::create_topic(const std::string& name, int partitions,
                               const std::map<std::string, std::string>& configs) const {
  test::create_topic(brokers(), {.name = name, .partitions = partitions, .configs = configs});
}

void KafkaBroker::delete_records(const std::string& topic, std::int32_t partition,
                                 std::int64_t before_offset) const {
  test::delete_records(brokers(), topic, partition, before_offset);
}

}  // namespace sluice::test
