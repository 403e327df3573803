#include "check/kafka_parts.h"
#include "check/words.h"
#include "config/values.h"

namespace sluice::check {
namespace {

// What stands in the way of writing to the topic.
std::optional<Error> trouble_with(KafkaCheck& check, const std::string& topic,
                                  const kafka::TopicFacts& facts) {
  const std::string allow = check.tools.allow("Write", "--topic " + topic);
  switch (facts.presence) {
    case kafka::Presence::missing:
      return Error{"topic " + topic + ": unknown, so that no refused record could be set aside",
                   "create it: " + check.tools.create_topic(topic)};
    case kafka::Presence::hidden:
      return Error{"topic " + topic + ": unknown, or " + check.tools.who() + " may not see it",
                   "create it, or allow it: " + allow};
    case kafka::Presence::found:
      break;
  }
  switch (check.probe.write_topic(topic)) {
    case kafka::Access::denied:
      return Error{"topic " + topic + ": " + check.tools.who() + " may not write to it",
                   "allow it: " + allow};
    case kafka::Access::unknown:
      check.unproven.push_back("write to " + topic);
      break;
    case kafka::Access::granted:
      break;
  }
  return std::nullopt;
}

// False where it warned.
bool check_size(KafkaCheck& check, const std::string& key, const config::DeadLetter& dead_letter) {
  const auto most = check.probe.max_message_bytes(dead_letter.topic);
  if (!most || *most >= dead_letter.max_bytes) return true;
  check.report.warn(key,
                    "topic " + dead_letter.topic + ": takes messages of " +
                        config::format_size(*most) + " at most, but max_bytes is " +
                        config::format_size(dead_letter.max_bytes) +
                        ": larger dead letters are handled as oversized",
                    check.tools.raise_message_size(dead_letter.topic, dead_letter.max_bytes) +
                        ", or lower " + key + ".max_bytes");
  return false;
}

}  // namespace

void check_dead_letter(KafkaCheck& check, const config::Pipeline& pipeline) {
  if (!pipeline.dead_letter) return;
  const std::string key = key_of("pipelines", pipeline.name, "dead_letter");
  const std::string& topic = pipeline.dead_letter->topic;
  const auto facts = check.probe.topic(topic);
  const auto trouble = facts ? trouble_with(check, topic, *facts) : std::optional(facts.error());
  if (trouble) {
    check.report.fail(key, *trouble);
  } else if (check_size(check, key, *pipeline.dead_letter)) {
    check.report.ok(key, "topic " + topic + ": " +
                             counted(static_cast<std::uint64_t>(facts->partitions), "partition"));
  }
}

}  // namespace sluice::check
