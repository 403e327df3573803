// What a running process uses, over time, and whether that grows.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace sluice::fault {

struct Vitals {
  double second = 0;  // of the trial
  double rss_mib = 0;
  double descriptors = 0;
  double threads = 0;
};
// From /proc. Throws std::runtime_error when the process is gone.
Vitals vitals_of(pid_t pid, double second);

// The most memory that a running process ever held. What wait4() tells of a child counts its
// parent's, too, of the time before exec.
double peak_rss_mib(pid_t pid);

struct Point {
  double at = 0;
  double value = 0;
};
// Per unit of `at`, by least squares; 0 for fewer than two points.
double slope_of(const std::vector<Point>& points);

// A line through the points, over all of their time.
struct Trend {
  double mean = 0;
  double growth = 0;  // from the first point's time to the last one's
  double per_hour = 0;
};
// `at` in seconds.
Trend trend_of(const std::vector<Point>& points);

}  // namespace sluice::fault
