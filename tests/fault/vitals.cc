#include "fault/vitals.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sluice::fault {
namespace {

double number_after(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name);
  if (at == text.npos) throw std::runtime_error("no " + name + " in /proc/.../status");
  return std::stod(text.substr(at + name.size()));
}

std::string status_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

double peak_rss_mib(pid_t pid) { return number_after(status_of(pid), "VmHWM:") / 1024; }

Vitals vitals_of(pid_t pid, double second) {
  const std::filesystem::path proc = "/proc/" + std::to_string(pid);
  const std::string status = status_of(pid);
  const std::filesystem::directory_iterator descriptors(proc / "fd");
  return {.second = second,
          .rss_mib = number_after(status, "VmRSS:") / 1024,
          .descriptors = static_cast<double>(
              std::distance(begin(descriptors), std::filesystem::directory_iterator())),
          .threads = number_after(status, "Threads:")};
}

double slope_of(const std::vector<Point>& points) {
  double at = 0;
  double value = 0;
  for (const Point& point : points) {
    at += point.at;
    value += point.value;
  }
  const auto count = static_cast<double>(points.size());
  double both = 0;
  double square = 0;
  for (const Point& point : points) {
    both += (point.at - at / count) * (point.value - value / count);
    square += (point.at - at / count) * (point.at - at / count);
  }
  return square == 0 ? 0 : both / square;
}

Trend trend_of(const std::vector<Point>& points) {
  if (points.empty()) return {};
  Trend trend;
  for (const Point& point : points) trend.mean += point.value;
  trend.mean /= static_cast<double>(points.size());
  const double slope = slope_of(points);
  trend.growth = slope * (points.back().at - points.front().at);
  trend.per_hour = slope * 3600;
  return trend;
}

}  // namespace sluice::fault
