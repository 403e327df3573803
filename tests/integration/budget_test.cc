// Budgets as the API sees them: never exceeded in any second, and mostly used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/arrivals.h"
#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::Each;
using testing::IsEmpty;
using testing::Lt;

class Budget : public testing::Test {
 protected:
  std::string config(const std::string& limit, const std::string& batch,
                     const std::string& keys = "max_record_bytes: 1MiB") const {
    return FlowConfig(broker_)
        .kafka("session.timeout.ms: 6000")
        .target("api", api_.url(), "rate_limit: [{" + limit + "}]")
        .pipeline("p", topic_, "batch: {" + batch + "}, " + keys)
        .yaml();
  }
  bool hold(SluiceProcess& sluice, std::size_t partitions) const {
    return eventually([&] { return state_of(sluice, "p").reasons.size() == partitions; },
                      seconds(30));
  }
  // What comes in a typical second of the next ones.
  std::size_t typical_of(seconds next) const {
    const auto begun = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(next);
    return arrivals_.median_second(begun, begun + next);
  }
  // Each partition has to have more than enough, lest a member runs dry while it is measured.
  void expect_some_left_and_none_lost(std::int64_t each) {
    EXPECT_THAT(committed_offsets(broker_.brokers(), group_of(topic_), topic_), Each(Lt(each)));
    const Accounts accounts = reconcile(broker_, topic_, {&api_});
    EXPECT_THAT(accounts.lost, IsEmpty());
    EXPECT_THAT(accounts.invented, IsEmpty());
    EXPECT_LE(accounts.repeated.size(), repeats_);
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::string topic_ =
      std::string("budget-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  Arrivals arrivals_;
  std::size_t repeats_ = 0;
  RecordingApi api_{[this](const SeenRequest&, const std::vector<std::string>&) {
    arrivals_.note();
    return Reply{};
  }};
};

constexpr int kPartitions = 12;
constexpr std::int64_t kEach = 2500;
constexpr std::size_t kLimit = 1000;
constexpr std::size_t kMostOfIt = kLimit * 3 / 4;
constexpr seconds kSettling{1};  // a part that was gained starts without tokens, and slowly

class GroupBudget : public Budget {
 protected:
  void SetUp() override {
    broker_.create_topic(topic_, kPartitions);
    produce_numbered(broker_, topic_, kPartitions, kEach);
    first_.emplace(both_);
    ASSERT_TRUE(hold(*first_, kPartitions)) << first_->log();
  }
  void join() {
    second_.emplace(both_);
    ASSERT_TRUE(hold(*second_, kPartitions / 2)) << second_->log();
    ASSERT_TRUE(hold(*first_, kPartitions / 2)) << first_->log();
    std::this_thread::sleep_for(kSettling);
  }
  void end_second_by(int signal) {
    second_->signal(signal);
    ASSERT_TRUE(second_->wait(seconds(30)));
    ASSERT_TRUE(hold(*first_, kPartitions)) << first_->log();
    std::this_thread::sleep_for(kSettling);
  }
  void settle() {
    first_->signal(SIGTERM);
    ASSERT_TRUE(first_->wait(seconds(30)));
    EXPECT_LE(arrivals_.most_in_a_second(), kLimit);
    expect_some_left_and_none_lost(kEach);
  }

  const std::string both_ =
      config("requests: 1000, per: 1s, share: group", "max_records: 1, linger: 0ms");
  std::optional<SluiceProcess> first_;
  std::optional<SluiceProcess> second_;
};

TEST_F(GroupBudget, IsNeverExceededAndMostlyUsedWhileMembersComeAndGo) {
  EXPECT_GE(typical_of(seconds(3)), kMostOfIt) << "alone";
  ASSERT_NO_FATAL_FAILURE(join());
  EXPECT_GE(typical_of(seconds(3)), kMostOfIt) << "together";
  ASSERT_NO_FATAL_FAILURE(end_second_by(SIGTERM));
  EXPECT_GE(typical_of(seconds(3)), kMostOfIt) << "alone again";
  settle();
}

TEST_F(GroupBudget, OfAMemberThatIsKilledGoesToTheSurvivor) {
  constexpr std::size_t kUnconfirmed = 8;  // batches of a partition
  repeats_ = kPartitions / 2 * kUnconfirmed;
  ASSERT_NO_FATAL_FAILURE(join());
  ASSERT_NO_FATAL_FAILURE(end_second_by(SIGKILL));
  EXPECT_GE(typical_of(seconds(3)), kMostOfIt);
  settle();
}

TEST_F(Budget, OfRecordsIsOfRecordsHoweverTheyAreBatched) {
  api_.answer_with([this](const SeenRequest&, const std::vector<std::string>& ids) {
    arrivals_.note(ids.size());
    return Reply{};
  });
  broker_.create_topic(topic_, 4);
  produce_numbered(broker_, topic_, 4, 2000);
  SluiceProcess sluice(config("records: 1000, per: 1s", "max_records: 500"));
  ASSERT_TRUE(hold(sluice, 4)) << sluice.log();
  EXPECT_GE(typical_of(seconds(3)), 750U);
  EXPECT_LE(arrivals_.most_in_a_second(), 1000U);
  const std::vector<std::string> limit{R"(limit="1000 records/1s")", R"(path="")"};
  EXPECT_NEAR(sum_of(sluice, "sluice_target_budget_per_second", limit), 810, 1);
  const double spent = sum_of(sluice, "sluice_target_budget_spent_total", limit);
  EXPECT_GE(spent, 3 * 750);
  EXPECT_GT(sum_of(sluice, "sluice_lag_records", {}), 0);
  EXPECT_EQ(sum_of(sluice, "sluice_scalable_lag_records", {}), 0) << "the budget is used up";
  sluice.signal(SIGTERM);
  ASSERT_TRUE(sluice.wait(seconds(30)));
  expect_some_left_and_none_lost(2000);
}

TEST_F(Budget, OfBytesIsOfTheBodiesThatGo) {
  constexpr std::size_t kBytes = 1 << 20;
  api_.answer_with([this](const SeenRequest& request, const std::vector<std::string>&) {
    arrivals_.note(request.body.size());
    return Reply{};
  });
  broker_.create_topic(topic_, 4);
  produce_numbered(broker_, topic_, 4, 2000, 0, 1000);
  SluiceProcess sluice(
      config("bytes: 1MiB, per: 1s", "max_records: 500", "max_record_bytes: 64KiB"));
  ASSERT_TRUE(hold(sluice, 4)) << sluice.log();
  EXPECT_GE(typical_of(seconds(3)), 3 * kBytes / 4);
  EXPECT_LE(arrivals_.most_in_a_second(), kBytes);
  sluice.signal(SIGTERM);
  ASSERT_TRUE(sluice.wait(seconds(30)));
  expect_some_left_and_none_lost(2000);
}

}  // namespace
}  // namespace sluice::test
