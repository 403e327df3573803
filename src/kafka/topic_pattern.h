// Which topics a pattern of a subscription stands for.
#pragma once

#include <regex.h>

#include <string>

namespace sluice::kafka {

// "^...", as librdkafka compiles it: a POSIX extended regular expression. It never matches Kafka's
// own topics, such as __consumer_offsets: every commit writes to it, so that reading it never ends.
class TopicPattern {
 public:
  // One that is no regular expression matches nothing; the loader refuses those.
  explicit TopicPattern(const std::string& text)
      : valid_(regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0) {}
  ~TopicPattern() {
    if (valid_) regfree(&compiled_);
  }
  TopicPattern(const TopicPattern&) = delete;
  TopicPattern& operator=(const TopicPattern&) = delete;

  bool matches(const std::string& topic) const {
    return valid_ && !topic.starts_with("__") &&
           regexec(&compiled_, topic.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t compiled_{};
  bool valid_;
};

}  // namespace sluice::kafka
