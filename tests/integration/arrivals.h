// What comes to a server, by time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

namespace sluice::test {

// Notes when so much came: requests, records or bytes. Thread-safe.
class Arrivals {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  void note(std::size_t amount = 1) {
    const Moment now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    all_.push_back({now, amount});
  }
  // The most that came in any second, wherever it begins.
  std::size_t most_in_a_second() const {
    const auto all = sorted();
    std::size_t most = 0;
    std::size_t sum = 0;
    std::size_t first = 0;
    for (const auto& [at, amount] : all) {
      sum += amount;
      while (at - all[first].at >= std::chrono::seconds(1)) sum -= all[first++].amount;
      most = std::max(most, sum);
    }
    return most;
  }
  // What came in a typical whole second between the two: a machine that stood still for one of them
  // is not what is asked about. At least one second has to lie between them.
  std::size_t median_second(Moment from, Moment until) const {
    std::vector<std::size_t> seconds(
        static_cast<std::size_t>((until - from) / std::chrono::seconds(1)));
    for (const auto& [at, amount] : sorted()) {
      if (at < from) continue;
      const auto second = static_cast<std::size_t>((at - from) / std::chrono::seconds(1));
      if (second < seconds.size()) seconds[second] += amount;
    }
    std::nth_element(seconds.begin(), seconds.begin() + static_cast<long>(seconds.size() / 2),
                     seconds.end());
    return seconds.at(seconds.size() / 2);
  }

 private:
  struct Arrival {
    Moment at;
    std::size_t amount = 0;
  };
  std::vector<Arrival> sorted() const {
    const std::lock_guard lock(mutex_);
    std::vector<Arrival> all = all_;
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return all;
  }

  mutable std::mutex mutex_;
  std::vector<Arrival> all_;
};

}  // namespace sluice::test
