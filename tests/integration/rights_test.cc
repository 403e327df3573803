// Rights that are taken away while records flow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Each;
using testing::Pair;
using testing::SizeIs;

constexpr auto kTopic = KafkaBroker::Resource::topic;
constexpr auto kGroup = KafkaBroker::Resource::group;
constexpr auto kRead = KafkaBroker::Operation::read;
constexpr std::size_t kEach = 20;

// One pipeline of user alice reads "kept" and "taken".
class Rights : public testing::Test {
 protected:
  Rights() {
    for (const char* const topic : {"kept", "taken"}) {
      broker_.create_topic(topic, 1);
      broker_.allow("alice", kRead, kTopic, topic);
    }
    broker_.allow("alice", kRead, kGroup, group_of("kept"));
  }

  std::string config() {
    std::string yaml = FlowConfig(broker_)
                           .kafka(
                               "security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, "
                               "sasl.username: alice, sasl.password: alice-secret")
                           .target("api", api_.url())
                           .pipeline("p", "kept")
                           .yaml();
    yaml.replace(yaml.find("[kept]"), 6, "[kept, taken]");
    return yaml.replace(yaml.find(broker_.brokers()), broker_.brokers().size(),
                        broker_.sasl_brokers());
  }
  void produce(const std::string& topic) {
    const auto first = static_cast<std::int64_t>(end(topic));
    produce_numbered(broker_, topic, 1, kEach, first);
  }
  std::int64_t end(const std::string& topic) const {
    return end_offsets(broker_.brokers(), topic).front();
  }
  bool is_committed(const std::string& topic, milliseconds timeout = seconds(20)) const {
    return eventually(
        [&] {
          return committed_offsets(broker_.brokers(), group_of("kept"), topic).front() ==
                 end(topic);
        },
        timeout);
  }

  KafkaBroker broker_{{}, {{"alice", "alice-secret"}}};
  RecordingApi api_;
};

TEST_F(Rights, ATopicThatMayBeReadNoMoreHoldsUpNoOther) {
  produce("kept");
  produce("taken");
  SluiceProcess sluice(config());
  ASSERT_TRUE(is_committed("kept") && is_committed("taken")) << sluice.log();

  // With requests of both under way, so that one commit names what may and what may not be.
  api_.work_for(seconds(1));
  produce("kept");
  produce("taken");
  ASSERT_TRUE(eventually([&] { return api_.server().request_count() >= 4; }, seconds(10)));
  broker_.forbid("alice", kRead, kTopic, "taken");
  ASSERT_TRUE(api_.wait_for_distinct(4 * kEach, seconds(10))) << sluice.log();
  api_.work_for(milliseconds(0));
  for (int round = 0; round < 3; ++round) {
    produce("kept");
    EXPECT_TRUE(is_committed("kept")) << sluice.log();
  }
  EXPECT_FALSE(is_committed("taken", milliseconds(0)));
  const auto named = [&] {
    return sluice.status().find(
               "user alice may not read topic taken (Broker: Topic authorization") !=
           std::string::npos;
  };
  EXPECT_TRUE(eventually(named, seconds(20))) << sluice.status() << sluice.log();

  // After a pause nothing is sent before the group's commits were seen; of "taken" they are not.
  sluice.signal(SIGSTOP);
  std::this_thread::sleep_for(seconds(2));
  sluice.signal(SIGCONT);
  produce("kept");
  EXPECT_TRUE(is_committed("kept")) << sluice.log();

  broker_.allow("alice", kRead, kTopic, "taken");
  produce("taken");
  EXPECT_TRUE(is_committed("taken", seconds(60))) << sluice.log();
  EXPECT_TRUE(is_committed("kept")) << sluice.log();
  EXPECT_THAT(api_.taken(), SizeIs(9 * kEach));
  EXPECT_THAT(api_.taken(), Each(Pair(testing::_, 1)));
  sluice.signal(SIGTERM);
  const auto status = sluice.wait(seconds(30));
  ASSERT_TRUE(status) << sluice.log();
  EXPECT_EQ(status->code, 0) << sluice.log();
}

}  // namespace
}  // namespace sluice::test
