#include "demo/configuration.h"

namespace sluice::demo {

std::string topic_of(const simulator::EventType& type) { return "demo." + std::string(type.name); }

std::string dead_letter_topic_of(const simulator::EventType& type) {
  return topic_of(type) + ".dlq";
}

// Short breaker and retry times, so that recovery is seen. The mock broker answers a fetch that
// finds nothing only when fetch.wait.max.ms is over, even if records come meanwhile.
std::string configuration(std::string_view broker, std::string_view base_url,
                          std::string_view admin_token) {
  std::string yaml;
  yaml.append("kafka:\n  brokers: ['").append(broker).append("']\n");
  yaml.append("  properties: {fetch.wait.max.ms: 50}\n");
  yaml.append("admin: {listen: '127.0.0.1:0', token: '").append(admin_token).append("'}\n");
  yaml.append("shutdown_timeout: 10s\n");
  yaml.append("targets:\n  data-pipeline:\n    base_url: '").append(base_url).append("'\n");
  yaml.append("    auth: {type: hkdf_hmac, token: ").append(kToken);
  yaml.append(", account_id: ").append(kAccountId);
  yaml.append(", workspace_id: ").append(kWorkspaceId).append("}\n");
  yaml.append("    circuit_breaker: {open_for: 1s, max_open_for: 2s}\npipelines:\n");
  for (const auto& type : simulator::kEventTypes) {
    yaml.append("  ").append(type.name).append(":\n");
    yaml.append("    topics: [").append(topic_of(type)).append("]\n");
    yaml.append("    group: sluice-").append(topic_of(type)).append("\n");
    yaml.append("    target: data-pipeline\n    path: ").append(type.path).append("\n");
    yaml.append("    success: 200\n    expect: /count\n    retry: {initial: 100ms, max: 1s}\n");
    yaml.append("    dead_letter: {topic: ").append(dead_letter_topic_of(type)).append("}\n");
  }
  return yaml;
}

}  // namespace sluice::demo
