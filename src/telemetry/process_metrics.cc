#include "telemetry/process_metrics.h"

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "telemetry/families.h"

namespace sluice::telemetry {
namespace {

using prometheus::MetricType;

// proc(5), /proc/[pid]/stat: numbers of fields, counted from the one after the name.
constexpr std::size_t kUserTicks = 11;
constexpr std::size_t kSystemTicks = 12;
constexpr std::size_t kThreads = 17;
constexpr std::size_t kStartTicks = 19;
constexpr std::size_t kResidentPages = 21;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<double> number(const std::string& text) {
  std::istringstream in(text);
  double value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

// What follows `name` on its line.
std::optional<double> number_after(const std::string& text, const std::string& name) {
  const std::size_t at = ('\n' + text).find('\n' + name);
  return at == std::string::npos ? std::nullopt : number(text.substr(at + name.size()));
}

// The name stands in brackets, and may hold anything.
class Stat {
 public:
  explicit Stat(const std::string& text) {
    const std::size_t name_ends = text.rfind(')');
    if (name_ends == std::string::npos) return;
    std::istringstream in(text.substr(name_ends + 1));
    for (std::string field; in >> field;) fields_.push_back(field);
  }
  std::optional<double> at(std::size_t field) const {
    return field < fields_.size() ? number(fields_[field]) : std::nullopt;
  }

 private:
  std::vector<std::string> fields_;
};

std::optional<double> open_fds(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) return std::nullopt;
  double count = -1;  // that which reads them is one of them
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (error) return std::nullopt;
    ++count;
  }
  return count;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  const Stat stat(text_of(proc_ / "self/stat"));
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  std::vector<prometheus::MetricFamily> families;
  const auto gauge = [&](const GaugeInfo& info, std::optional<double> value) {
    if (!value) return;
    families.push_back(family_of(info, MetricType::Gauge));
    add_gauge(families.back(), *value);
  };
  const auto user = stat.at(kUserTicks);
  const auto system = stat.at(kSystemTicks);
  if (user && system) {
    families.push_back(family_of(kProcessCpu, MetricType::Counter));
    add_counter(families.back(), kProcessCpu, (*user + *system) / ticks);
  }
  const auto pages = stat.at(kResidentPages);
  gauge(kProcessMemory, pages ? std::optional(*pages * page) : std::nullopt);
  gauge(kProcessThreads, stat.at(kThreads));
  const auto booted = number_after(text_of(proc_ / "stat"), "btime ");
  const auto started = stat.at(kStartTicks);
  gauge(kProcessStart,
        booted && started ? std::optional(*booted + *started / ticks) : std::nullopt);
  gauge(kProcessOpenFds, open_fds(proc_ / "self/fd"));
  gauge(kProcessMaxFds, number_after(text_of(proc_ / "self/limits"), "Max open files"));
  return families;
}

}  // namespace sluice::telemetry
