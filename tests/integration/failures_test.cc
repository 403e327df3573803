// A target that fails: it is asked seldom, nothing is set aside for it, nothing is lost, and it is
// not overrun when it is back.
#include "integration/failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "integration/load.h"
#include "support/record_ids.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

using Ids = std::vector<std::string>;

constexpr std::int32_t kPartitions = 4;
constexpr std::int64_t kEach = 100;

class Failures : public FailuresTest {
 protected:
  void go(const std::string& name) { make_topics("failures-" + name, kPartitions, kEach); }
};

TEST_F(Failures, EverySecondRequestFailingCostsRequestsAndNothingElse) {
  go("flapping");
  std::atomic<int> requests{0};
  api_.answer_with([&](const SeenRequest&, const Ids&) {
    return Reply{.status = ++requests % 2 == 0 ? 500 : 200};
  });
  SluiceProcess sluice(config());
  expect_all(sluice);
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").delivered == kPartitions * kEach; },
                         seconds(5)));
  // 20 batches, each failing once, and what is searched and probed meanwhile.
  EXPECT_LE(api_.server().request_count(), 100U);
  EXPECT_GE(sum_of(sluice, "sluice_requests_total", {R"(verdict="retry")"}), 1);
}

// The server is gone after the first byte of a request; a body of a megabyte is still being sent.
TEST_F(Failures, AResetInsideTheRequestIsAFailureLikeAnyOther) {
  topic_ = "failures-reset-inside";
  broker_.create_topic(topic_, 2);
  broker_.create_topic(dlq(), 1);
  produce_numbered(broker_, topic_, 2, 20, 0, 100'000);
  api_.server().reset_new_connections(true);
  SluiceProcess sluice(
      config("batch: {max_records: 10, max_bytes: 2MiB}, retry: {initial: 20ms, "
             "max: 100ms}"));
  ASSERT_NO_FATAL_FAILURE(expect_parked(sluice, "breaker_open", "target api: "));
  ASSERT_TRUE(sluice.wait_for_event("breaker_opened", seconds(20), 2)) << sluice.log();
  EXPECT_LE(api_.server().connection_count(), 20U);
  EXPECT_EQ(api_.distinct(), 0U);

  api_.server().reset_new_connections(false);
  expect_all(sluice);
  EXPECT_THAT(letters(), IsEmpty());
}

// It may have taken what it did not answer; an API that knows batch ids again takes nothing twice.
TEST_F(Failures, WhatMayHaveBeenTakenIsSentAgainUnderTheSameBatchId) {
  go("idempotent");
  std::mutex mutex;
  std::map<std::string, std::string> bodies;  // by batch id
  std::set<std::string> changed;
  std::atomic<bool> broken{true};
  api_.answer_with([&](const SeenRequest& request, const Ids& ids) {
    const std::string& batch = *request.header("idempotency-key");
    const std::lock_guard lock(mutex);
    const auto [known, is_new] = bodies.try_emplace(batch, request.body);
    if (known->second != request.body) changed.insert(batch);
    if (is_new) api_.take(ids);
    if (broken) return Reply{.fault = Fault::reset_after_request};
    return RecordingApi::taking_none(200, "{}");
  });
  SluiceProcess sluice(config());
  ASSERT_TRUE(sluice.wait_for_event("breaker_opened", seconds(30), 3)) << sluice.log();
  EXPECT_THAT(committed(), Each(Le(0)));
  broken = false;
  expect_all(sluice);
  EXPECT_THAT(changed, IsEmpty());
  EXPECT_EQ(repeats(api_), 0U);
}

class Breaker : public Failures {
 protected:
  static std::string lane_of(const std::string& id) { return id.substr(0, id.rfind('-')); }
};

TEST_F(Breaker, ItsProbesAreFewTheFirstIsSmallAndTheyGoAroundThePartitions) {
  go("probes");
  api_.answer_with(RecordingApi::always({.status = 500}));
  SluiceProcess sluice(
      config(kBatches, "circuit_breaker: {open_for: 3s, max_open_for: 3s, probes: 3}"));
  ASSERT_TRUE(sluice.wait_for_event("breaker_opened", seconds(30))) << sluice.log();
  const std::size_t into_it = api_.server().request_count();
  EXPECT_LE(into_it, 5U + 3) << "five failures, and what was under way";
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", seconds(10)));
  const auto target = target_of(sluice);
  EXPECT_STREQ(target["breaker"].GetString(), "open");
  EXPECT_STREQ(target["reason"].GetString(), "breaker_open");
  EXPECT_THAT(target["detail"].GetString(), HasSubstr("status 500"));
  EXPECT_TRUE(target["next_at"].IsString());
  EXPECT_EQ(sum_of(sluice, "sluice_target_breaker_state", {R"(target="api")", R"(state="open")"}),
            1);

  ASSERT_TRUE(sluice.wait_for_event("breaker_opened", seconds(30), 3)) << sluice.log();
  const auto requests = api_.server().requests();
  ASSERT_EQ(requests.size(), into_it + 2 * 3) << "two rounds of probes, and nothing else";
  std::set<std::string> lanes;
  for (std::size_t probe = 0; probe < 6; ++probe) {
    const Ids ids = ids_in(requests[into_it + probe].body);
    EXPECT_TRUE(probe % 3 != 0 || ids.size() == 1) << "probe " << probe;
    if (probe < kPartitions) lanes.insert(lane_of(ids.front()));
  }
  EXPECT_THAT(lanes, SizeIs(kPartitions)) << "each had its turn before one had its second";

  api_.answer_with(RecordingApi::take_all());
  expect_all(sluice);
  EXPECT_STREQ(target_of(sluice)["breaker"].GetString(), "closed");
  EXPECT_TRUE(target_of(sluice)["next_at"].IsNull());
}

TEST_F(Breaker, AfterAnOutageTheTargetIsAskedByOneThenByMoreAsItAnswers) {
  topic_ = "failures-ramp";
  broker_.create_topic(topic_, 8);
  broker_.create_topic(dlq(), 1);
  produce_numbered(broker_, topic_, 8, 400);
  std::atomic<bool> broken{true};
  std::mutex mutex;
  int at_work = 0;
  int answered = 0;
  std::vector<std::pair<int, int>> arrivals;  // at work, and answered before
  api_.answer_with([&](const SeenRequest&, const Ids&) {
    if (broken) return Reply{.status = 503};
    {
      const std::lock_guard lock(mutex);
      arrivals.emplace_back(++at_work, answered);
    }
    std::this_thread::sleep_for(milliseconds(30));  // the work
    const std::lock_guard lock(mutex);
    --at_work;
    ++answered;
    return Reply{};
  });
  SluiceProcess sluice(config(kBatches, kQuickBreaker));
  ASSERT_TRUE(sluice.wait_for_event("breaker_opened", seconds(30), 2)) << sluice.log();
  broken = false;
  expect_all(sluice);

  const std::lock_guard lock(mutex);
  int most = 0;
  for (const auto& [now, before] : arrivals) {
    EXPECT_LE(now, std::max(1, before)) << before << " were answered before";
    most = std::max(most, now);
  }
  EXPECT_GE(most, 4) << "it stays slow";
}

class MaxAge : public Failures {
 protected:
  // What came before the outage is too old when it ends; what came late is not.
  void outage(const std::string& name, const std::string& on_expired) {
    go(name);
    api_.answer_with(RecordingApi::always({.status = 503}));
    sluice_.emplace(config(std::string(kBatches) + ", max_age: 4s, on_expired: " + on_expired));
    ASSERT_TRUE(wait_for_state(*sluice_, "p", "breaker_open", seconds(30))) << sluice_->log();
    const auto began = steady_clock::now();
    ASSERT_TRUE(eventually([&] { return steady_clock::now() - began > seconds(5); }, seconds(10)));
    produce_numbered(broker_, topic_, kPartitions, 10, kEach);
    api_.answer_with(RecordingApi::take_all());
    ASSERT_TRUE(all_committed()) << sluice_->status() << sluice_->log();
    for (const auto& [id, times] : api_.taken()) EXPECT_EQ(times, 1) << id;
    EXPECT_EQ(api_.distinct(), static_cast<std::size_t>(kPartitions * 10));
    EXPECT_TRUE(api_.took(id(kEach)));
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }
  std::optional<SluiceProcess> sluice_;
};

TEST_F(MaxAge, SetsAsideWhatAnOutageMadeTooOld) {
  ASSERT_NO_FATAL_FAILURE(outage("expired", "dead_letter"));
  const Accounts all = accounts();
  EXPECT_THAT(all.dead, SizeIs(kPartitions * kEach));
  EXPECT_TRUE(all.lost.empty() && all.invented.empty() && all.repeated.empty())
      << testing::PrintToString(all);
  for (const StoredRecord& letter : letters()) {
    ASSERT_EQ(header_of(letter, "sluice.reason"), "expired");
  }
}

TEST_F(MaxAge, DropsWhatAnOutageMadeTooOldWhereThatIsAskedFor) {
  ASSERT_NO_FATAL_FAILURE(outage("dropped", "drop"));
  EXPECT_EQ(state_of(*sluice_, "p").dropped, kPartitions * kEach);
  EXPECT_THAT(letters(), IsEmpty());
}

// Two members of a group, whose requests go to "/first" and "/second".
class Changing : public Failures {
 protected:
  void start_load(const std::string& name) {
    topic_ = "failures-" + name;
    broker_.create_topic(topic_, kPartitions);
    broker_.create_topic(dlq(), 1);
    load_.emplace(broker_, topic_, kPartitions, 400);
    watch_.emplace(broker_, topic_, api_);
  }
  std::string member(const std::string& name, const std::string& drain_timeout) const {
    return FlowConfig(broker_)
        .target("api", api_.url(), "concurrency: {adaptive: false}")
        .pipeline(name, topic_,
                  "batch: {max_records: 20, linger: 20ms}, drain_timeout: " + drain_timeout, dlq())
        .yaml();
  }
  bool has_members(std::size_t count) const {
    return wait_for_members(broker_.brokers(), group_of(topic_), count, seconds(30));
  }
  // Everything is taken, once; nothing is set aside, nothing committed that was not taken.
  void expect_settled(SluiceProcess& sluice) {
    load_->stop();
    ASSERT_TRUE(wait_for_all(broker_, topic_, api_, seconds(30)))
        << sluice.status() << sluice.log();
    ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
    EXPECT_THAT(watch_->stop(), IsEmpty());
    EXPECT_EQ(accounts(), Accounts{});
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }

  std::optional<Load> load_;
  std::optional<CommitWatch> watch_;
};

class LateAnswer : public Changing, public testing::WithParamInterface<int> {};

TEST_P(LateAnswer, ToABatchWhosePartitionHasLeftChangesNothing) {
  start_load("late-" + std::to_string(GetParam()));
  SluiceProcess first(member("first", "300ms"));
  ASSERT_TRUE(api_.wait_for_distinct(100, seconds(30))) << first.log();
  std::atomic<int> held{0};
  std::atomic<bool> released{false};
  api_.answer_with([&](const SeenRequest& request, const Ids&) {
    if (request.path != "/first" || held == kPartitions) return Reply{};
    ++held;
    eventually([&] { return released.load(); }, seconds(25));
    // If this 200 counted, records would be committed that nobody took.
    return RecordingApi::taking_none(GetParam(), "{}");
  });
  ASSERT_TRUE(eventually([&] { return held == kPartitions; }, seconds(20)));
  SluiceProcess second(member("second", "300ms"));
  ASSERT_TRUE(has_members(2)) << first.log() << second.log();
  const auto answered = api_.server().request_count();
  released = true;
  ASSERT_TRUE(api_.server().wait_for_answers(answered, seconds(10)));

  expect_settled(first);
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_THAT(first.events("breaker_opened"), IsEmpty());
  EXPECT_THAT(first.events("request_failed"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Of, LateAnswer, testing::Values(200, 400, 401),
                         testing::PrintToStringParamName());

TEST_F(Changing, APartitionThatComesBackAtOnceNeverHasTwoBatchesUnderWay) {
  start_load("back");
  api_.work_for(milliseconds(150));
  SluiceProcess first(member("first", "5s"));
  ASSERT_TRUE(api_.wait_for_distinct(100, seconds(30))) << first.log();
  for (std::size_t round = 1; round <= 3; ++round) {
    SluiceProcess second(member("second", "5s"));
    ASSERT_TRUE(has_members(2)) << first.log() << second.log();
    second.signal(SIGTERM);
    const auto status = second.wait(seconds(30));
    ASSERT_TRUE(status && status->code == 0) << second.log();
    ASSERT_TRUE(has_members(1)) << first.log();
  }
  api_.work_for(milliseconds(0));
  expect_settled(first);
  EXPECT_THAT(api_.overlaps(), IsEmpty());
}

}  // namespace
}  // namespace sluice::test
