// One that stands still holds up nobody else, and what the others finished ahead of it is not sent
// again after a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "integration/keyed.h"
#include "integration/load.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

// What the API does with the requests of the one that stands still.
struct Trouble {
  const char* name;
  Reply reply;
};

void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }

const Trouble kFails{"Fails", {.status = 500}};
const Trouble kHangs{"Hangs", {.fault = Fault::hang}};

// Everything with a record of one of `keys` meets the trouble.
RecordingApi::Answer trouble_for(const std::vector<std::string>& keys, const Reply& reply) {
  return [keys, reply](const SeenRequest& request, const std::vector<std::string>&) {
    for (const std::string& key : keys) {
      if (holds_key(request, key)) return reply;
    }
    return Reply{};
  };
}

// What hangs does so for longer than a test.
constexpr char kTarget[] =
    "timeout: 60s, concurrency: {min: 4}, circuit_breaker: {open_for: 1s, max_open_for: 1s}";

class Blocked : public testing::TestWithParam<Trouble> {
 protected:
  // Nothing is dead-lettered meanwhile, so that it stands still until it is healed.
  static std::string blocking(const std::string& keys) {
    return "batch: {max_records: 50, linger: 10ms}, retry: {initial: 10ms, max: 100ms}, "
           "on_exhausted: park, " +
           keys;
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
};

TEST_P(Blocked, AKeyLetsTheOtherKeysOfItsPartitionPass) {
  constexpr int kKeys = 64;
  constexpr std::int64_t kEach = 200;
  const std::string topic = std::string("blocked-key-") + GetParam().name;
  broker_.create_topic(topic, 1);
  KeyedFeed feed(broker_, topic, 1, kKeys);
  feed.add(kEach);
  RecordingApi api(trouble_for({KeyedFeed::key(0, 0)}, GetParam().reply));
  const std::string yaml = FlowConfig(broker_)
                               .top("instance_id: " + topic)  // so that a successor need not wait
                               .target("api", api.url(), kTarget)
                               .pipeline("p", topic, blocking("order: key"))
                               .yaml();
  std::optional<SluiceProcess> sluice(yaml);
  // Those that share the strand of the blocked one wait with it: about one in eight.
  const auto passed = [&] {
    int count = 0;
    for (int key = 1; key < kKeys; ++key) {
      count += taken_of(api, topic, KeyedFeed::key(0, key)) == feed.count_of_key() ? 1 : 0;
    }
    return count;
  };
  EXPECT_TRUE(eventually([&] { return passed() >= kKeys * 3 / 4; }, seconds(20)))
      << passed() << sluice->status();
  EXPECT_EQ(taken_of(api, topic, KeyedFeed::key(0, 0)), 0U);
  EXPECT_LE(committed_offsets(broker_.brokers(), group_of(topic), topic)[0], 0);

  api.answer_with(RecordingApi::take_all());
  if (GetParam().reply.fault == Fault::hang) {  // what hangs does so until its timeout
    sluice.emplace(yaml);
  }
  ASSERT_TRUE(api.wait_for_distinct(feed.count(), seconds(30))) << sluice->status();
  ASSERT_TRUE(wait_for_commits(broker_, topic, seconds(10))) << sluice->log();
  EXPECT_THAT(api.disorder(), IsEmpty());
  EXPECT_TRUE(reconcile(broker_, topic, {&api}).lost.empty());
}

TEST_P(Blocked, ATenantStarvesNeitherTheOthersNorTheTargetsOtherPipelines) {
  constexpr std::int64_t kEach = 1'500;
  const std::string topic = std::string("blocked-tenant-") + GetParam().name;
  broker_.create_topic(topic, 2);
  broker_.create_topic(topic + "-other", 2);
  KeyedFeed feed(broker_, topic, 2, 3);
  feed.add(kEach);
  produce_numbered(broker_, topic + "-other", 2, kEach);
  const std::string bad = KeyedFeed::key(0, 0);
  RecordingApi api(trouble_for({bad}, GetParam().reply));
  SluiceProcess sluice(FlowConfig(broker_)
                           .target("api", api.url(), kTarget)
                           .pipeline("p", topic, blocking("group_by: /tenant"))
                           .pipeline("other", topic + "-other")
                           .yaml());
  const std::size_t others = feed.count() - feed.count_of_key() + 2 * kEach;
  EXPECT_TRUE(api.wait_for_distinct(others, seconds(20))) << api.distinct() << sluice.status();
  EXPECT_EQ(taken_of(api, topic, bad), 0U);
  EXPECT_TRUE(wait_for_commits(broker_, topic + "-other", seconds(10))) << sluice.status();
  EXPECT_LE(committed_offsets(broker_.brokers(), group_of(topic), topic)[0], 0);
  EXPECT_TRUE(eventually(
      [&] {
        const auto end = static_cast<std::int64_t>(feed.count()) / 2;
        return committed_offsets(broker_.brokers(), group_of(topic), topic)[1] == end;
      },
      seconds(10)))
      << sluice.status();
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").reasons[1] == "flowing"; }, seconds(5)))
      << sluice.status();
  EXPECT_TRUE(wait_for_state(sluice, "other", "flowing", seconds(5))) << sluice.status();
  EXPECT_EQ(state_of(sluice, "p").dead_lettered, 0);
}

// The tenant's records, read on the way to those of others, would fill any memory.
TEST(BlockedTenant, HoldsNoMoreThanTheMemoryShareAndOtherPartitionsFlow) {
  constexpr std::int64_t kEach = 5'000;
  constexpr std::size_t kPadding = 8'000;
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("blocked-large", 2);
  KeyedFeed feed(broker, "blocked-large", 2, 2, kPadding);
  feed.add(kEach);
  RecordingApi api(trouble_for({KeyedFeed::key(0, 0)}, {.fault = Fault::hang}));
  SluiceProcess sluice(FlowConfig(broker)
                           .top("memory: {budget: 64MiB}")
                           .target("api", api.url(), kTarget)
                           .pipeline("p", "blocked-large", "group_by: /tenant")
                           .yaml());
  const auto all_of = [&](std::int32_t partition) {
    return taken_of(api, "blocked-large", KeyedFeed::key(partition, 0)) +
           taken_of(api, "blocked-large", KeyedFeed::key(partition, 1));
  };
  ASSERT_TRUE(eventually([&] { return all_of(1) == 2 * kEach; }, seconds(40))) << sluice.status();
  const auto of_neighbour = [&] { return taken_of(api, "blocked-large", KeyedFeed::key(0, 1)); };
  EXPECT_TRUE(eventually([&] { return of_neighbour() > 500; }, seconds(15)))
      << of_neighbour() << ": it did not run ahead as far as there is memory";
  EXPECT_LT(of_neighbour(), kEach);
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").reasons[0] == "awaiting_answer"; },
                         seconds(15)))
      << sluice.status();
  const double held = sum_of(sluice, "sluice_worker_memory_bytes", {R"(pipeline="p")"});
  EXPECT_GT(held, 8 << 20);
  // The rest is for what is prefetched and for dead letters.
  EXPECT_LT(held, 32 << 20);
  sluice.signal(SIGKILL);
  EXPECT_LT(sluice.wait(seconds(10))->peak_rss_bytes, 150U << 20);
}

INSTANTIATE_TEST_SUITE_P(It, Blocked, testing::Values(kFails, kHangs),
                         [](const auto& test) { return std::string(test.param.name); });

constexpr std::size_t kMaxRecords = 20;
constexpr std::size_t kUnconfirmed = 8 * kMaxRecords;  // at the default of max_unconfirmed_batches

class Ahead : public testing::Test {
 protected:
  // One partition; records of its first key meet the trouble.
  void start(const std::string& topic, int keys, std::int64_t each, const Reply& trouble,
             const std::string& pipeline) {
    topic_ = topic;
    broker_.create_topic(topic, 1);
    feed_.emplace(broker_, topic, 1, keys);
    feed_->add(each);
    api_.answer_with(trouble_for({KeyedFeed::key(0, 0)}, trouble));
    config_ = FlowConfig(broker_)
                  .top("instance_id: " + topic)  // so that a successor need not wait
                  .top("shutdown_timeout: 2s")
                  .target("api", api_.url(), kTarget)
                  .pipeline("p", topic,
                            "batch: {max_records: 20, linger: 10ms}, on_exhausted: park, "
                            "retry: {initial: 10ms, max: 100ms}, " +
                                pipeline)
                  .yaml();
    sluice_.emplace(config_);
  }

  // Ends it, heals the API, starts it again and lets all `records` arrive. Returns how many were
  // repeated.
  std::size_t end_and_finish(int signal, std::size_t records) {
    sluice_->signal(signal);
    EXPECT_TRUE(sluice_->wait(seconds(20))) << sluice_->log();
    EXPECT_LE(committed_offsets(broker_.brokers(), group_of(topic_), topic_)[0], 0);
    EXPECT_EQ(repeats(api_), 0U);
    api_.answer_with(RecordingApi::take_all());
    sluice_.emplace(config_);
    EXPECT_TRUE(api_.wait_for_distinct(records, seconds(30))) << sluice_->status();
    EXPECT_TRUE(wait_for_commits(broker_, topic_, seconds(20))) << sluice_->status();
    Accounts accounts = reconcile(broker_, topic_, {&api_});
    accounts.repeated.clear();  // they are counted
    EXPECT_EQ(accounts, Accounts{});
    return repeats(api_);
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  std::optional<KeyedFeed> feed_;
  RecordingApi api_;
  std::string config_;
  std::optional<SluiceProcess> sluice_;
};

TEST_F(Ahead, WithoutOrderAKillRepeatsOnlyWhatWasNotConfirmed) {
  // The first record of all hangs, and with it its batch.
  start("ahead-none", 1, 1, {.fault = Fault::hang}, "order: none");
  ASSERT_TRUE(api_.server().wait_for_requests(1, seconds(20))) << sluice_->log();
  constexpr std::int64_t kOthers = 6'000;
  produce_numbered(broker_, topic_, 1, kOthers);
  ASSERT_TRUE(api_.wait_for_distinct(kOthers, seconds(20))) << sluice_->status();
  EXPECT_LE(end_and_finish(SIGKILL, kOthers + 1), kUnconfirmed);
}

TEST_F(Ahead, BehindABlockedKeyAKillRepeatsOnlyWhatWasNotConfirmed) {
  start("ahead-key", 64, 150, {.fault = Fault::hang}, "order: key");
  // Seven of the eight strands.
  ASSERT_TRUE(api_.wait_for_distinct(feed_->count() * 3 / 4, seconds(20))) << sluice_->status();
  EXPECT_LE(end_and_finish(SIGKILL, feed_->count()), kUnconfirmed);
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

TEST_F(Ahead, BehindABlockedKeyAStopRepeatsNothing) {
  start("ahead-stop", 64, 150, {.fault = Fault::hang}, "order: key");
  ASSERT_TRUE(api_.wait_for_distinct(feed_->count() * 3 / 4, seconds(20))) << sluice_->status();
  EXPECT_EQ(end_and_finish(SIGTERM, feed_->count()), 0U);
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

// Every second offset is of the tenant that stands still: no text of 4096 bytes holds all that.
TEST_F(Ahead, GoesAsFarAsTheMetadataHoldsAndNoFurther) {
  constexpr std::size_t kHolds = 24'400 / 2;
  start("ahead-limit", 2, 15'000, {.status = 500}, "group_by: key");
  ASSERT_TRUE(api_.wait_for_distinct(kHolds - kMaxRecords, seconds(40))) << sluice_->status();
  ASSERT_TRUE(eventually(
      [&] {
        PipelineState state = state_of(*sluice_, "p");
        return state.reasons[0] == "suspect_record" &&
               state.detail.find("max_unconfirmed_batches") != std::string::npos;
      },
      seconds(20)))
      << sluice_->status();
  EXPECT_LE(api_.distinct(), kHolds + kUnconfirmed);
  EXPECT_LE(end_and_finish(SIGKILL, feed_->count()), kUnconfirmed);
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

// What was finished farther beyond it than a commit can say would fill every place, and nothing
// but that record can make room again.
TEST(AheadOfAll, TheRecordThatCommitsWaitForHasAPlaceAlthoughItComesLast) {
  // Of two other keys by turns, one of which stands still, too: few of the offsets that are
  // finished between its own fit into a commit.
  constexpr std::int64_t kOthers = 6'000;
  const KafkaBroker broker(std::map<std::string, std::string>{{"offset.metadata.max.bytes", "64"}});
  const std::string topic = "ahead-lone";
  broker.create_topic(topic, 1);
  KeyedFeed(broker, topic, 1, 1).add(1);
  std::vector<NewRecord> others;
  for (int i = 0; i < kOthers; ++i) {
    const std::string key = i % 2 == 0 ? "stands" : "flows";
    others.push_back(
        {.value = R"({"id":")" + key + std::to_string(i) + R"(","tenant":")" + key + R"("})",
         .key = key});
  }
  produce(broker.brokers(), topic, others);
  RecordingApi api(trouble_for({KeyedFeed::key(0, 0), "stands"}, {.status = 500}));
  const auto config = [&](const std::string& linger) {
    return FlowConfig(broker)
        .top("instance_id: " + topic)
        .target("api", api.url(), kTarget)
        .pipeline("p", topic,
                  "group_by: key, max_unconfirmed_batches: 3, on_exhausted: park, "
                  "retry: {initial: 10ms, max: 100ms}, batch: {max_records: 20, linger: " +
                      linger + "}")
        .yaml();
  };
  {
    SluiceProcess sluice(config("10ms"));
    ASSERT_TRUE(api.wait_for_distinct(40, seconds(20))) << sluice.status();
    ASSERT_TRUE(eventually(
        [&] {
          return state_of(sluice, "p").detail.find("max_unconfirmed_batches") != std::string::npos;
        },
        seconds(20)))
        << sluice.status();
    sluice.signal(SIGTERM);
    ASSERT_TRUE(sluice.wait(seconds(20))) << sluice.log();
  }
  ASSERT_LT(api.distinct(), std::size_t{kOthers}) << "all of it was within a commit's reach";
  api.answer_with(RecordingApi::take_all());
  SluiceProcess sluice(config("1s"));  // the others' batches are full before that
  EXPECT_TRUE(api.wait_for_distinct(kOthers + 1, seconds(30))) << sluice.status();
  EXPECT_TRUE(wait_for_commits(broker, topic, seconds(10))) << sluice.status();
}

}  // namespace
}  // namespace sluice::test
