// What a record costs the whole process, from librdkafka to libcurl, besides instructions: no call
// of the C++ allocator and no system call. Told by two runs that differ in their records alone:
// what start, stop and the rest cost is in both.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <sstream>
#include <string>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;

constexpr std::int32_t kPartitions = 4;
constexpr std::int64_t kFew = 5'000;  // of a partition
constexpr std::int64_t kMany = 30'000;
constexpr double kDifference = static_cast<double>((kMany - kFew) * kPartitions);
constexpr std::size_t kPadding = 700;
// A request of 500 records costs some of both, and so does each answer of a broker: a tenth for
// each record. One of either would be 1.
constexpr double kMost = 0.5;

struct Cost {
  double allocations = 0;
  double system_calls = 0;
  std::string calls;  // strace's table
};

// Its lines are "% time, seconds, usecs/call, calls, [errors,] name".
double calls_in(const std::string& table) {
  double calls = 0;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    double percent = 0;
    double time = 0;
    double per_call = 0;
    double count = 0;
    if (!(fields >> percent >> time >> per_call >> count)) continue;
    std::string name;
    while (fields >> name) continue;
    if (name != "total") calls += count;
  }
  return calls;
}

Cost cost_of(std::int64_t each, const std::string& topic) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic(topic, kPartitions);
  produce_numbered(broker, topic, kPartitions, each, 0, kPadding);
  const TempDir dir;
  const std::string table = (dir.path() / "calls").string();
  const std::string allocations = (dir.path() / "allocations").string();
  RecordingApi api;
  SluiceOptions options;
  options.prefix = {"strace",
                    "-D",
                    "-f",
                    "-qq",
                    "-c",
                    "-o",
                    table,
                    "-E",
                    "LD_PRELOAD=" COUNT_NEW,
                    "-E",
                    "COUNT_NEW_FILE=" + allocations};
  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url())
                           .pipeline("p", topic, "batch: {linger: 1s}")
                           .yaml(),
                       options);
  EXPECT_TRUE(api.wait_for_distinct(static_cast<std::size_t>(each * kPartitions), seconds(60)))
      << sluice.log();
  EXPECT_TRUE(wait_for_commits(broker, topic, seconds(20))) << sluice.log();
  sluice.signal(SIGTERM);
  EXPECT_TRUE(sluice.wait(seconds(20))) << sluice.log();
  // The tracer ends after what it traced.
  EXPECT_TRUE(eventually([&] { return calls_in(read_file(table)) > 0; }, seconds(10)));
  Cost cost;
  cost.calls = read_file(table);
  cost.system_calls = calls_in(cost.calls);
  std::uint64_t count = 0;
  read_file(allocations).copy(reinterpret_cast<char*>(&count), sizeof count);
  cost.allocations = static_cast<double>(count);
  return cost;
}

TEST(PerRecord, ThereIsNeitherAnAllocationNorASystemCall) {
  const Cost few = cost_of(kFew, "few-records");
  const Cost many = cost_of(kMany, "many-records");
  const double allocations = (many.allocations - few.allocations) / kDifference;
  const double system_calls = (many.system_calls - few.system_calls) / kDifference;
  RecordProperty("allocations", std::to_string(allocations));
  RecordProperty("system_calls", std::to_string(system_calls));
  EXPECT_GT(few.allocations, 1000) << "they are not counted";
  EXPECT_GT(few.system_calls, 1000) << "they are not counted";
  EXPECT_LT(allocations, kMost);
  EXPECT_LT(system_calls, kMost) << few.calls << many.calls;
}

}  // namespace
}  // namespace sluice::test
