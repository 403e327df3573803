// A scrape of /metrics, read back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::demo {

// Observations at or below each bound, as Prometheus counts them.
using Histogram = std::map<double, double>;

class MetricReader {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  // The Prometheus text format; lines of another form are passed over.
  explicit MetricReader(std::string_view exposition);

  // Over all samples of that name that carry each of `labels`.
  double sum(std::string_view name, const Labels& labels) const;
  Histogram histogram(std::string_view name, const Labels& labels) const;

 private:
  struct Sample {
    std::map<std::string, std::string, std::less<>> labels;
    double value = 0;
  };

  void read_line(std::string_view line);
  template <class Visit>
  void for_each(std::string_view name, const Labels& labels, Visit visit) const;

  std::multimap<std::string, Sample, std::less<>> samples_;
};

// The bound at or below which the share `quantile` of the observations between two scrapes lies;
// infinity above the largest bound, nothing where there were none.
std::optional<double> quantile_bound(const Histogram& before, const Histogram& after,
                                     double quantile);

}  // namespace sluice::demo
