#include "check/kafka_tools.h"

namespace sluice::check {

KafkaTools::KafkaTools(const config::Kafka& kafka) : bootstrap_(kafka.brokers.front()) {
  std::string user = kafka.sasl ? kafka.sasl->user : std::string();
  if (const auto named = kafka.properties.find("sasl.username"); named != kafka.properties.end()) {
    user = named->second.reveal();
  }
  if (user.empty()) return;
  who_ = "user " + user;
  principal_ = "User:" + user;
}

std::string KafkaTools::tool(const std::string& name) const {
  return name + " --bootstrap-server " + bootstrap_ + " ";
}

std::string KafkaTools::create_topic(const std::string& topic) const {
  return tool("kafka-topics") + "--create --topic " + topic;
}

std::string KafkaTools::allow(const std::string& operation, const std::string& resource) const {
  return tool("kafka-acls") + "--add --allow-principal " + principal_ + " --operation " +
         operation + " " + resource;
}

std::string KafkaTools::list_rights() const {
  return tool("kafka-acls") + "--list --principal " + principal_;
}

std::string KafkaTools::set_for_topic(const std::string& topic, const std::string& setting) const {
  return tool("kafka-configs") + "--alter --entity-type topics --entity-name " + topic +
         " --add-config " + setting;
}

std::string KafkaTools::reset_offsets(const std::string& group, const std::string& topic) const {
  return tool("kafka-consumer-groups") + "--group " + group + " --topic " + topic +
         " --reset-offsets --to-earliest --execute";
}

}  // namespace sluice::check
