// What the API grants by its headers is kept to, without a limit of our own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <string>

#include "integration/flow.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::Values;
using Clock = std::chrono::steady_clock;

constexpr int kGranted = 40;  // requests in a window
constexpr seconds kWindow{1};
constexpr int kPartitions = 4;
constexpr int kEach = 60;

// An API that counts in windows, as most do: 429 once a window's requests are used up.
class Counting {
 public:
  struct Verdict {
    bool granted = false;
    int remaining = 0;
  };
  Verdict take() {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (now >= ends_) {
      ends_ = now + kWindow;
      remaining_ = kGranted;
    }
    if (remaining_ == 0) {
      ++refused_;
      return {false, 0};
    }
    return {true, --remaining_};
  }
  int refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  mutable std::mutex mutex_;
  Clock::time_point ends_{};
  int remaining_ = 0;
  int refused_ = 0;
};

HttpHeaders draft(int remaining) {
  return {{"RateLimit", "\"default\";r=" + std::to_string(remaining) + ";t=1"}};
}
HttpHeaders common(int remaining) {
  return {{"X-RateLimit-Remaining", std::to_string(remaining)}, {"X-RateLimit-Reset", "1"}};
}

struct Form {
  std::string name;
  HttpHeaders (*headers)(int remaining);
};

class GrantedBudget : public testing::TestWithParam<Form> {};

TEST_P(GrantedBudget, IsKeptToSoThatNothingIsAnsweredTooMany) {
  KafkaBroker& broker = KafkaBroker::shared();
  Counting counting;
  RecordingApi api([&](const SeenRequest&, const std::vector<std::string>&) {
    const auto [granted, remaining] = counting.take();
    Reply reply{.status = granted ? 200 : 429};
    reply.headers = GetParam().headers(remaining);
    return reply;
  });
  const std::string topic = "granted-" + GetParam().name;
  broker.create_topic(topic, kPartitions);
  produce_numbered(broker, topic, kPartitions, kEach);
  const SluiceProcess sluice(FlowConfig(broker)
                                 .target("api", api.url())
                                 .pipeline("p", topic, "batch: {max_records: 1, linger: 0ms}")
                                 .yaml());
  ASSERT_TRUE(api.wait_for_distinct(kPartitions * kEach, seconds(40))) << sluice.log();
  // An answer that a busy machine holds back beyond its window can cost one; without the headers it
  // is some fifteen.
  EXPECT_LE(counting.refused(), 1);
  ASSERT_TRUE(wait_for_commits(broker, topic, seconds(30))) << sluice.log();
  EXPECT_EQ(reconcile(broker, topic, {&api}), Accounts{});
}

INSTANTIATE_TEST_SUITE_P(Forms, GrantedBudget,
                         Values(Form{"draft", &draft}, Form{"common", &common}),
                         [](const auto& form) { return form.param.name; });

}  // namespace
}  // namespace sluice::test
