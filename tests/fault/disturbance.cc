#include "fault/disturbance.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace sluice::fault {
namespace {

using std::chrono::steady_clock;

class Play {
 public:
  Play(const std::vector<Disturbance>& disturbances, const ChaosOptions& options,
       const std::function<void(const std::string&)>& say)
      : all_(disturbances), options_(options), say_(say), random_(options.seed) {
    counts_.resize(all_.size());
  }

  std::vector<std::size_t> run() {
    double next = 0;
    for (;;) {
      const double now = seconds();
      end_those_due(now);
      if (now >= options_.seconds) break;
      if (now >= next && active_.size() < options_.at_a_time) {
        begin_one();
        next = seconds() + any(0.1, options_.most_pause_seconds);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    while (!active_.empty()) end(active_.begin());
    return counts_;
  }

 private:
  struct Active {
    std::size_t index = 0;
    double until = 0;
  };

  double seconds() const {
    return std::chrono::duration<double>(steady_clock::now() - start_).count();
  }
  double any(double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(random_);
  }

  void end(std::vector<Active>::iterator it) {
    const Disturbance& disturbance = all_[it->index];
    disturbance.end();
    say_(fmt::format("{:7.1f} s  ends    {}", seconds(), disturbance.name));
    active_.erase(it);
  }

  void end_those_due(double now) {
    for (;;) {
      const auto due = std::find_if(active_.begin(), active_.end(),
                                    [now](const Active& it) { return it.until <= now; });
      if (due == active_.end()) return;
      end(due);
    }
  }

  void begin_one() {
    const std::size_t index =
        std::uniform_int_distribution<std::size_t>(0, all_.size() - 1)(random_);
    const Disturbance& disturbance = all_[index];
    const double lasts = any(disturbance.least_seconds, disturbance.most_seconds);
    const bool busy = std::any_of(active_.begin(), active_.end(), [&](const Active& it) {
      return all_[it.index].of == disturbance.of;
    });
    if (busy) return;
    say_(fmt::format("{:7.1f} s  begins  {}, for {:.1f} s", seconds(), disturbance.name, lasts));
    disturbance.begin();
    ++counts_[index];
    active_.push_back({.index = index, .until = seconds() + lasts});
  }

  const std::vector<Disturbance>& all_;
  const ChaosOptions options_;
  const std::function<void(const std::string&)>& say_;
  std::mt19937_64 random_;
  const steady_clock::time_point start_ = steady_clock::now();
  std::vector<Active> active_;
  std::vector<std::size_t> counts_;
};

}  // namespace

std::vector<std::size_t> play_chaos(const std::vector<Disturbance>& disturbances,
                                    const ChaosOptions& options,
                                    const std::function<void(const std::string&)>& say) {
  return Play(disturbances, options, say).run();
}

}  // namespace sluice::fault
