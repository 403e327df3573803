// Keeps a line that comes again and again from filling the log.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice::telemetry {

// Pure; not thread-safe. Remembers at most `kMost` texts: with more of them some are said again.
class Repeats {
 public:
  static constexpr std::size_t kMost = 64;

  explicit Repeats(Duration quiet) : quiet_(quiet) {}

  // Whether `text` is to be said: it was not within the time that repeats are kept quiet for.
  bool is_news(std::string_view text, Instant now) {
    std::erase_if(said_, [&](const auto& entry) { return now - entry.second >= quiet_; });
    if (said_.contains(text)) return false;
    if (said_.size() >= kMost) said_.clear();
    said_.emplace(text, now);
    return true;
  }

 private:
  Duration quiet_;
  std::map<std::string, Instant, std::less<>> said_;
};

}  // namespace sluice::telemetry
