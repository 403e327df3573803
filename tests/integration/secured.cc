#include "integration/secured.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr auto kTopic = KafkaBroker::Resource::topic;
constexpr auto kGroup = KafkaBroker::Resource::group;
constexpr auto kRead = KafkaBroker::Operation::read;
constexpr auto kWrite = KafkaBroker::Operation::write;

}  // namespace

SecuredBroker& Secured::broker() {
  static SecuredBroker made;
  return made;
}

std::string Secured::file(const std::string& text) {
  static const TempDir dir;
  static int number = 0;
  const auto path = dir.path() / (std::to_string(++number) + ".pem");
  std::ofstream(path) << text;
  return path.string();
}

std::string Secured::ca_file() {
  static const std::string path = file(broker().ca().pem());
  return path;
}

void Secured::make_topics(const std::string& name) {
  topic_ = name;
  broker().plain().create_topic(topic_, 1);
  broker().plain().create_topic(topic_ + ".dlq", 1);
  produce_numbered(broker().plain(), topic_, 1, kRecords);
  api_.answer_with([poison = record_id(topic_, 0, kPoison)](const SeenRequest&, const auto& ids) {
    const bool bad = std::find(ids.begin(), ids.end(), poison) != ids.end();
    return Reply{.status = bad ? 422 : 200};
  });
}

void Secured::allow_all(const std::string& user) {
  allow_reading(user);
  allow_joining(user);
  allow_dead_letters(user);
}

void Secured::allow_reading(const std::string& user) const {
  broker().plain().allow(user, kRead, kTopic, topic_);
}

void Secured::allow_joining(const std::string& user) const {
  broker().plain().allow(user, kRead, kGroup, group_of(topic_));
}

void Secured::allow_dead_letters(const std::string& user) const {
  broker().plain().allow(user, kWrite, kTopic, topic_ + ".dlq");
}

std::string Secured::config(Listener listener, const std::string& keys) const {
  return FlowConfig(broker().plain())
      .through(broker().brokers(listener), keys)
      .kafka("topic.metadata.refresh.interval.ms: 1000, reconnect.backoff.max.ms: 500")
      .target("api", api_.url())
      .pipeline("p", topic_, "batch: {linger: 10ms}", topic_ + ".dlq")
      .yaml();
}

void Secured::expect_all_flows(SluiceProcess& sluice) {
  ASSERT_TRUE(wait_for_commits(broker().plain(), topic_, seconds(40)))
      << sluice.status() << sluice.log();
  const Accounts accounts = reconcile(broker().plain(), topic_, {&api_}, topic_ + ".dlq");
  EXPECT_THAT(accounts.lost, IsEmpty());
  EXPECT_THAT(accounts.repeated, IsEmpty());
  EXPECT_THAT(accounts.dead, ElementsAre(record_id(topic_, 0, kPoison)));
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(10)))
      << sluice.status() << sluice.log();
}

void Secured::expect_park(SluiceProcess& sluice, const std::string& state,
                          const std::vector<std::string>& words) {
  const auto parked = [&] {
    const PipelineState now = state_of(sluice, "p");
    return now.state == state && std::all_of(words.begin(), words.end(), [&](const auto& word) {
             return now.detail.find(word) != std::string::npos;
           });
  };
  ASSERT_TRUE(eventually(parked, seconds(30), std::chrono::milliseconds(100)))
      << sluice.status() << sluice.log();
  EXPECT_TRUE(eventually(
      [&] {
        return sum_of(sluice, "sluice_stalled_seconds_total", {"reason=\"" + state + "\""}) > 0;
      },
      seconds(10)));
}

}  // namespace sluice::test
