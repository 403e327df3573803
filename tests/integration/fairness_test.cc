// Partitions that have a backlog flow side by side, however slow the API is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "integration/flow.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPartitions = 8;
constexpr int kEach = 2000;

std::string partition_of(const std::string& id) { return id.substr(0, id.rfind('-')); }

class Fairness : public testing::Test {
 protected:
  void note(const std::vector<std::string>& ids) {
    const std::lock_guard lock(mutex_);
    for (const auto& id : ids) {
      if (++taken_[partition_of(id)] == kEach && at_first_end_.empty()) at_first_end_ = taken_;
    }
  }
  // What each partition had delivered when the first of them was through.
  std::map<std::string, int> at_first_end() const {
    const std::lock_guard lock(mutex_);
    return at_first_end_;
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  RecordingApi api_{[this](const SeenRequest&, const std::vector<std::string>& ids) {
    note(ids);
    return Reply{};
  }};

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> taken_;
  std::map<std::string, int> at_first_end_;
};

TEST_F(Fairness, PartitionsOfASlowApiFlowSideBySide) {
  broker_.create_topic("side", kPartitions);
  produce_numbered(broker_, "side", kPartitions, kEach, 0, 200);
  api_.work_for(milliseconds(50));
  const SluiceProcess sluice(FlowConfig(broker_)
                                 .target("api", api_.url())
                                 .pipeline("p", "side", "batch: {max_records: 100}")
                                 .yaml());
  ASSERT_TRUE(api_.wait_for_distinct(kPartitions * kEach, seconds(60))) << sluice.log();
  const auto taken = at_first_end();
  ASSERT_EQ(taken.size(), kPartitions);
  for (const auto& [partition, count] : taken) EXPECT_GE(count, kEach / 2) << partition;
}

}  // namespace
}  // namespace sluice::test
