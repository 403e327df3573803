// A real Apache Kafka of one node, for tests that must know how a broker really behaves.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/kafka_node.h"

namespace sluice::test {

// Up and answering when the constructor returns; gone, data and all, after the destructor. See
// KafkaNode.
class KafkaBroker {
 public:
  // `properties` are broker properties on top of the defaults (auto.create.topics.enable=false).
  // Where there are `users` (names and passwords), a second listener takes them by SASL/PLAIN and
  // rights are asked for: they have none but those of allow(); who comes in clear has all.
  // Where there is a port it is `proxied_by`, one more listener, in clear, sends its clients there:
  // whoever starts at a proxy on that port, in front of proxied_port(), stays behind it.
  explicit KafkaBroker(std::map<std::string, std::string> properties = {},
                       std::map<std::string, std::string> users = {}, std::uint16_t proxied_by = 0);

  // What secured_broker.h needs besides: listeners of its own, which those of `properties` are
  // added to, and further arguments for the tool that formats the storage.
  struct Extra {
    std::map<std::string, std::string> properties;
    std::vector<std::string> format;
  };
  explicit KafkaBroker(Extra extra);

  // The one that the tests of a binary share. It is always running: a test that stops it has to
  // start it again.
  static KafkaBroker& shared();

  std::string brokers() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string sasl_brokers() const { return "127.0.0.1:" + std::to_string(sasl_port_); }
  std::uint16_t proxied_port() const { return proxied_port_; }

  // Orderly and abrupt ends. start() after either is on the same port and data.
  void stop() { node_->stop(); }
  void kill() { node_->kill(); }
  void start() { node_->start(); }
  // The process stands still (SIGSTOP) with all its connections open, then goes on.
  void pause() { node_->pause(); }
  void resume() { node_->resume(); }

  // Both return when it is done and visible to clients. For more see kafka_admin.h.
  void create_topic(const std::string& name, int partitions,
                    const std::map<std::string, std::string>& configs = {}) const;
  void delete_records(const std::string& topic, std::int32_t partition,
                      std::int64_t before_offset) const;

  enum class Resource : std::uint8_t { topic, group };
  enum class Operation : std::uint8_t { read, write, describe };
  void allow(const std::string& user, Operation operation, Resource resource,
             const std::string& name) const;
  // Takes back what allow() gave.
  void forbid(const std::string& user, Operation operation, Resource resource,
              const std::string& name) const;

 private:
  void start_with_ports_of_its_own();
  void take_ports();
  std::map<std::string, std::string> all_properties() const;
  std::map<std::string, std::string> sasl_properties() const;

  std::map<std::string, std::string> properties_;
  std::map<std::string, std::string> users_;
  std::uint16_t proxied_by_ = 0;
  Extra extra_;
  std::uint16_t port_ = 0;
  std::uint16_t controller_port_ = 0;
  std::uint16_t sasl_port_ = 0;
  std::uint16_t proxied_port_ = 0;
  std::optional<KafkaNode> node_;
};

}  // namespace sluice::test
