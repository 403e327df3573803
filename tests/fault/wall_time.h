#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>

namespace sluice::fault {

// The clock that the broker's timestamps are of: both are on one machine.
inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// As logs have it: 2026-11-22T10:11:12.123Z.
inline std::string utc_text(std::int64_t unix_ms) {
  const std::time_t time = unix_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::string text(19, ' ');
  std::strftime(text.data(), text.size() + 1, "%Y-%m-%dT%H:%M:%S", &parts);
  return text + '.' + std::to_string(1000 + unix_ms % 1000).substr(1) + 'Z';
}

}  // namespace sluice::fault
