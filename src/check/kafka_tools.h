// Commands of Kafka's own tools, as remedies. Private to this folder.
#pragma once

#include <string>

#include "config/config.h"

namespace sluice::check {

// Who we are to the brokers, and how their tools reach them.
class KafkaTools {
 public:
  explicit KafkaTools(const config::Kafka& kafka);

  // "user alice", or "this client" where it does not log in by name.
  const std::string& who() const { return who_; }

  std::string create_topic(const std::string& topic) const;
  // `resource` is "--topic NAME" or "--group NAME".
  std::string allow(const std::string& operation, const std::string& resource) const;
  std::string list_rights() const;
  // `setting` is "NAME=VALUE".
  std::string set_for_topic(const std::string& topic, const std::string& setting) const;
  std::string reset_offsets(const std::string& group, const std::string& topic) const;

 private:
  std::string tool(const std::string& name) const;

  std::string bootstrap_;
  std::string who_ = "this client";
  std::string principal_ = "User:...";
};

}  // namespace sluice::check
