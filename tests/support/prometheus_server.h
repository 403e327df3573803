// A real Prometheus that scrapes processes of a test and evaluates rules.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {

// Of the machine's own package. Scrapes and evaluates once a second, since tests have no time.
// Throws std::runtime_error where it does not start or refuses what it is asked.
class PrometheusServer {
 public:
  struct Sample {
    std::map<std::string, std::string> labels;
    double value = 0;
  };
  struct Alert {
    std::map<std::string, std::string> labels;  // with alertname
    std::map<std::string, std::string> annotations;
    bool firing = false;  // else it is pending

    std::string name() const { return labels.at("alertname"); }
  };

  // `rules`: the text of a rules file; empty: none.
  explicit PrometheusServer(const std::string& rules = "");

  // From within a second on it scrapes these ports of loopback, as job "sluice", and no others.
  void scrape(const std::vector<std::uint16_t>& ports);
  // An instant query, of now.
  std::vector<Sample> query(const std::string& promql) const;
  // Those that are pending or firing.
  std::vector<Alert> alerts() const;

 private:
  // The answer to a form that is posted.
  std::string ask(const std::string& path, const std::string& query = "") const;

  TempDir dir_;
  std::uint16_t port_;
  std::optional<ChildProcess> child_;
};

// A rules file whose durations are so many times shorter, so that "for: 5m" is "for: 5s"; those in
// brackets are at least `least_window` seconds, or there would be nothing in them.
std::string scaled_rules(const std::string& rules, int divisor, int least_window = 4);

}  // namespace sluice::test
