// A record that can neither be delivered nor set aside keeps its place: nothing is committed past
// it until there is somewhere to put it, and then everything flows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;

constexpr int kRecords = 40;
constexpr int kPoison = 17;

// Two partitions; record 17 of partition 0 is the bad one.
class DeadLetterPark : public testing::TestWithParam<const char*> {
 protected:
  void make_topic(const std::string& name) {
    topic_ = name + "-" + GetParam();
    broker_.create_topic(topic_, 2);
    TopicWriter writer(broker_.brokers(), topic_);
    for (int i = 0; i < kRecords; ++i) {
      for (std::int32_t partition = 0; partition < 2; ++partition) {
        writer.add({.value = value(partition, i), .partition = partition});
      }
    }
    writer.flush();
    api_.answer_with([poison = record_id(topic_, 0, kPoison)](const SeenRequest&, const auto& ids) {
      const bool bad = std::find(ids.begin(), ids.end(), poison) != ids.end();
      return Reply{.status = bad ? 422 : 200};
    });
  }
  std::string value(std::int32_t partition, int number) const {
    const std::string good = record_value(record_id(topic_, partition, number));
    const bool cut = GetParam() == std::string("not_json") && partition == 0 && number == kPoison;
    return cut ? good.substr(0, good.size() - 1) : good;
  }
  std::string dlq() const { return topic_ + ".dlq"; }
  std::string config(const std::string& dead_letter_topic) {
    return FlowConfig(broker_)
        .target("api", api_.url())
        .pipeline("p", topic_, "batch: {max_records: 8}", dead_letter_topic)
        .yaml();
  }
  std::vector<std::int64_t> committed() const {
    return committed_offsets(broker_.brokers(), group_of(topic_), topic_);
  }

  // What came before the bad record is delivered and committed, and so is the other partition.
  void expect_commits_up_to_the_bad_record(SluiceProcess& sluice) {
    EXPECT_TRUE(
        eventually([&] { return committed()[0] == kPoison; }, seconds(15), milliseconds(100)))
        << "committed: " << committed()[0] << "\n"
        << sluice.status();
    EXPECT_THAT(reconcile(broker_, topic_, {&api_}).lost, IsEmpty());
  }

  void expect_all_ends_well(SluiceProcess& sluice) {
    produce(broker_.brokers(), topic_,
            {{.value = value(0, kRecords), .partition = 0},
             {.value = value(1, kRecords), .partition = 1}});
    ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();
    const Accounts accounts = reconcile(broker_, topic_, {&api_}, dlq());
    EXPECT_THAT(accounts.lost, IsEmpty());
    EXPECT_THAT(accounts.invented, IsEmpty());
    EXPECT_THAT(accounts.dead, ElementsAre(record_id(topic_, 0, kPoison)));
    EXPECT_EQ(accounts.uncommitted, 0);
    EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(5))) << sluice.status();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
};

INSTANTIATE_TEST_SUITE_P(Record, DeadLetterPark, testing::Values("not_json", "rejected"),
                         [](const auto& param) { return std::string(param.param); });

// One that was refused by the API: scripts/fault dead-letters-missing.
class DeadLetterTopicMissing : public DeadLetterPark {};
INSTANTIATE_TEST_SUITE_P(Record, DeadLetterTopicMissing, testing::Values("not_json"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(DeadLetterTopicMissing, ParksTheRecordAndFlowsOnceTheTopicIsThere) {
  make_topic("missing");
  SluiceProcess sluice(config(dlq()));
  ASSERT_TRUE(wait_for_state(sluice, "p", "dead_letter_unwritable", seconds(60)))
      << sluice.status() << sluice.log();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr(dlq()));
  EXPECT_TRUE(eventually(
      [&] {
        return sum_of(sluice, "sluice_stalled_seconds_total",
                      {R"(reason="dead_letter_unwritable")"}) > 1;
      },
      seconds(10)));
  EXPECT_GE(sum_of(sluice, "sluice_dead_letter_write_failures_total", {}), 1);
  expect_commits_up_to_the_bad_record(sluice);

  broker_.create_topic(dlq(), 1);
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(60)))
      << sluice.status() << sluice.log();
  expect_all_ends_well(sluice);
  EXPECT_THAT(reconcile(broker_, topic_, {&api_}, dlq()).repeated, IsEmpty());
}

TEST_P(DeadLetterPark, ParksThePartitionWhereThereIsNoDeadLetterTopic) {
  make_topic("none");
  {
    SluiceProcess sluice(config(""));
    ASSERT_TRUE(wait_for_state(sluice, "p", "no_dead_letter_topic", seconds(30)))
        << sluice.status() << sluice.log();
    EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr("offset 17 of " + topic_ + "/0"));
    EXPECT_EQ(state_of(sluice, "p").reasons.at(0), "no_dead_letter_topic");
    EXPECT_EQ(state_of(sluice, "p").reasons.at(1), "flowing");
    expect_commits_up_to_the_bad_record(sluice);
    EXPECT_TRUE(eventually([&] { return committed()[1] == kRecords; }, seconds(15)));
    sluice.signal(SIGTERM);
    const auto status = sluice.wait(seconds(30));
    ASSERT_TRUE(status) << sluice.log();
    EXPECT_EQ(status->code, 0);
    EXPECT_EQ(committed()[0], kPoison);
  }
  broker_.create_topic(dlq(), 1);
  SluiceProcess again(config(dlq()));
  expect_all_ends_well(again);
}

}  // namespace
}  // namespace sluice::test
