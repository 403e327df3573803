#include "telemetry/process_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "support/temp_dir.h"

namespace sluice::telemetry {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Ge;
using testing::Gt;
using testing::IsEmpty;
using testing::Key;
using testing::Lt;
using testing::Not;
using testing::Pair;

std::map<std::string, double> values_of(const ProcessMetrics& metrics) {
  std::map<std::string, double> values;
  for (const auto& family : metrics.Collect()) {
    const auto& metric = family.metric.at(0);
    const bool counts = family.type == prometheus::MetricType::Counter;
    values[family.name] = counts ? metric.counter.value : metric.gauge.value;
  }
  return values;
}

class ProcessMetricsTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(proc_.path()) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::map<std::string, double> values() { return values_of(ProcessMetrics(proc_.path())); }

  test::TempDir proc_;
};

TEST_F(ProcessMetricsTest, AreThoseThatTheKernelTells) {
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  write("self/stat",
        "17 (a) name) (S) S 1 17 17 0 -1 4194304 100 0 0 0 250 150 0 0 20 0 9 0 500 1000000 42 "
        "18446744073709551615 1 1\n");
  write("stat", "cpu  1 2 3\nbtime 1790000000\nprocesses 4\n");
  write("self/fd/0", "");
  write("self/fd/1", "");
  write("self/fd/2", "");
  write("self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max open files            1024                 524288               files     \n");
  const std::map<std::string, double> expected{
      {"process_cpu_seconds_total", 400 / ticks},
      {"process_resident_memory_bytes", 42.0 * static_cast<double>(::sysconf(_SC_PAGESIZE))},
      {"process_threads", 9},
      {"process_start_time_seconds", 1'790'000'000 + 500 / ticks},
      {"process_open_fds", 2},
      {"process_max_fds", 1024}};
  EXPECT_EQ(values(), expected);
}

TEST_F(ProcessMetricsTest, LeaveOutWhatCannotBeRead) {
  EXPECT_THAT(values(), IsEmpty());
  write("self/stat", "17 (cut off");
  write("self/limits",
        "Max open files            unlimited            unlimited            files\n");
  EXPECT_THAT(values(), IsEmpty());
  write("self/stat", "17 (name) S 1 2 3\n");
  EXPECT_THAT(values(), IsEmpty());
}

TEST(ProcessMetrics, AreThoseOfThisProcess) {
  const auto before = values_of(ProcessMetrics());
  EXPECT_THAT(before, Contains(Pair("process_resident_memory_bytes", Gt(1e6))));
  EXPECT_THAT(before, Contains(Pair("process_threads", Ge(1))));
  EXPECT_THAT(before, Contains(Pair("process_start_time_seconds", AllOf(Gt(1.7e9), Lt(1e11)))));
  EXPECT_THAT(before, Contains(Key("process_max_fds")));
  const std::ifstream one_more("/dev/null");
  const auto after = values_of(ProcessMetrics());
  EXPECT_EQ(after.at("process_open_fds"), before.at("process_open_fds") + 1);
  EXPECT_GE(after.at("process_cpu_seconds_total"), before.at("process_cpu_seconds_total"));
}

}  // namespace
}  // namespace sluice::telemetry
