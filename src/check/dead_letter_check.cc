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
bool check_size(KafkaCheck& check, const std::string& key, const config::DeadLetter& dead_letter,
                const kafka::TopicSettings& settings) {
  const auto most = settings.max_message_bytes;
  if (!most || *most >= dead_letter.max_bytes) return true;
  check.report.warn(
      key,
      "topic " + dead_letter.topic + ": takes messages of " + config::format_size(*most) +
          " at most, but max_bytes is " + config::format_size(dead_letter.max_bytes) +
          ": larger dead letters are handled as oversized",
      check.tools.set_for_topic(dead_letter.topic,
                                "max.message.bytes=" + std::to_string(dead_letter.max_bytes)) +
          ", or lower " + key + ".max_bytes");
  return false;
}

bool check_cleanup(KafkaCheck& check, const std::string& key, const std::string& topic,
                   const kafka::TopicSettings& settings) {
  if (!settings.compacted) return true;
  check.report.warn(key,
                    "topic " + topic +
                        ": is compacted: of the letters of one key it keeps the last, takes none "
                        "without a key, and forgets what was replayed",
                    check.tools.set_for_topic(topic, "cleanup.policy=delete"));
  return false;
}

bool check_settings(KafkaCheck& check, const std::string& key,
                    const config::DeadLetter& dead_letter) {
  const auto settings = check.probe.topic_settings(dead_letter.topic);
  if (!settings) {
    check.untold.push_back("topic " + dead_letter.topic);
    return true;
  }
  const bool large = check_size(check, key, dead_letter, *settings);
  return check_cleanup(check, key, dead_letter.topic, *settings) && large;
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
  } else if (check_settings(check, key, *pipeline.dead_letter)) {
    check.report.ok(key, "topic " + topic + ": " +
                             counted(static_cast<std::uint64_t>(facts->partitions), "partition"));
  }
}

}  // namespace sluice::check
