// One record that fails, while others are taken: nobody but its neighbours can tell it from a
// target that is down. And what an operator can do about what stands still.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "integration/failures.h"
#include "integration/load.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Ids = std::vector<std::string>;

constexpr std::int64_t kEach = 60;
constexpr std::int64_t kBad = 25;  // of partition 0, in the middle of its second batch

class Suspects : public FailuresTest {
 protected:
  // The record fails alone, those before it are taken, and it says so.
  void expect_suspect(SluiceProcess& sluice) {
    ASSERT_TRUE(wait_for_state(sluice, "p", "suspect_record", seconds(30)))
        << sluice.status() << sluice.log();
    EXPECT_THAT(state_of(sluice, "p").detail,
                HasSubstr("offset 25 of " + topic_ +
                          "/0 fails alone, and nothing else tells whether it or the target is bad "
                          "(status 500"));
    const std::string of = " p --topic " + topic_ + " --partition 0";
    EXPECT_THAT(state_of(sluice, "p").release,
                ElementsAre("sluice act dead-letter" + of, "sluice act retry" + of));
    EXPECT_EQ(state_of(sluice, "p").next, "it is tried again");
    EXPECT_TRUE(has_committed({kBad})) << committed()[0];
    EXPECT_EQ(api_.distinct(), static_cast<std::size_t>(kBad));
    EXPECT_THAT(letters(), IsEmpty());
    // Its own failures say nothing of the target; only those of its batch did, before the search.
    EXPECT_STREQ(target_of(sluice)["breaker"].GetString(), "closed");
    EXPECT_LE(sluice.events("breaker_opened").size(), 1U);
  }
};

TEST_F(Suspects, OnOnePartitionItParksIsSetAsideByNobodyAndFlowsByItsOwnProbe) {
  make_topics("suspects-alone", 1, kEach);
  fail_on(id(kBad), {.status = 500});
  SluiceProcess sluice(config());
  ASSERT_NO_FATAL_FAILURE(expect_suspect(sluice));
  // Five failures open the breaker, a few requests search, five more park it; then it is seldom
  // tried.
  EXPECT_LE(api_.server().request_count(), 30U);
  const auto before = api_.server().request_count();
  ASSERT_TRUE(api_.server().wait_for_requests(before + 3, seconds(15))) << "it does not probe";
  EXPECT_THAT(committed(), ElementsAre(kBad)) << "nothing passes it";
  EXPECT_THAT(letters(), IsEmpty());

  api_.answer_with(RecordingApi::take_all());
  expect_all(sluice);
}

TEST_F(Suspects, DeadLetterSetsItAsideByTheOperatorsWord) {
  make_topics("suspects-dead-letter", 1, kEach);
  fail_on(id(kBad), {.status = 500, .headers = {{"X-Request-Id", "of-the-api"}}, .body = "oh no"});
  SluiceProcess sluice(config());
  ASSERT_NO_FATAL_FAILURE(expect_suspect(sluice));

  EXPECT_EQ(act(sluice, "dead-letter?topic=" + topic_ + "&partition=1"), 409);
  EXPECT_THAT(letters(), IsEmpty());
  // One that is just being tried is left to its answer.
  EXPECT_TRUE(eventually([&] { return act(sluice, "dead-letter") == 200; }, seconds(5)));
  expect_all(sluice, dead({id(kBad)}));
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(header_of(letters()[0], "sluice.reason"), "by_operator");
  EXPECT_EQ(header_of(letters()[0], "sluice.offset"), std::to_string(kBad));
  EXPECT_THAT(header_of(letters()[0], "sluice.detail"), HasSubstr("status 500"));
  EXPECT_GE(std::stoi(header_of(letters()[0], "sluice.attempts")), 5);
  EXPECT_THAT(sluice.events("admin_action"), testing::Contains(HasSubstr("dead-letter")));
  EXPECT_EQ(act(sluice, "dead-letter"), 409) << "there is none any more";
}

TEST_F(Suspects, RetryDoesNotWaitForTheNextProbe) {
  make_topics("suspects-retry", 1, kEach);
  fail_on(id(kBad), {.status = 500});
  SluiceProcess sluice(config(kBatches, "circuit_breaker: {open_for: 5m}"));
  ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", seconds(30))) << sluice.log();
  EXPECT_EQ(act(sluice, "retry"), 200);
  ASSERT_NO_FATAL_FAILURE(expect_suspect(sluice));
  // Tried too early, it is no worse off.
  const auto before = api_.server().request_count();
  EXPECT_EQ(act(sluice, "retry?topic=" + topic_ + "&partition=0"), 200);
  ASSERT_TRUE(api_.server().wait_for_requests(before + 1, seconds(10)));
  ASSERT_NO_FATAL_FAILURE(expect_suspect(sluice));
  EXPECT_EQ(api_.server().request_count(), before + 1);

  api_.answer_with(RecordingApi::take_all());
  EXPECT_EQ(act(sluice, "retry"), 200);
  expect_all(sluice);
  EXPECT_EQ(act(sluice, "retry"), 409) << "nothing stands still any more";
}

struct Failing {
  const char* name;
  Reply reply;
  const char* status;  // in the letter
};
void PrintTo(const Failing& failing, std::ostream* out) { *out << failing.name; }

class AmongNeighbours : public Suspects, public testing::WithParamInterface<Failing> {};

// Three other partitions prove all the time that the target is there.
TEST_P(AmongNeighbours, ItUsesUpItsAttemptsAndHoldsNobodyDown) {
  make_topics(std::string("suspects-four-") + GetParam().name, 4, 0);
  fail_on(id(kBad), GetParam().reply);
  Load load(broker_, topic_, 4, 400);
  SluiceProcess sluice(
      config("batch: {max_records: 20, linger: 20ms}, retry: {max: 500ms, attempts: 4}"));
  ASSERT_TRUE(eventually([&] { return !letters().empty(); }, seconds(40), milliseconds(100)))
      << sluice.status() << sluice.log();
  load.stop();
  expect_all(sluice, dead({id(kBad)}));

  const auto of_letter = letters();
  ASSERT_THAT(of_letter, SizeIs(1));
  EXPECT_EQ(header_of(of_letter[0], "sluice.reason"), "exhausted");
  EXPECT_EQ(header_of(of_letter[0], "sluice.verdict"), "retry");
  EXPECT_EQ(header_of(of_letter[0], "sluice.status"), GetParam().status);
  EXPECT_EQ(header_of(of_letter[0], "sluice.offset"), std::to_string(kBad));
  EXPECT_GE(std::stoi(header_of(of_letter[0], "sluice.attempts")), 4);
  EXPECT_THAT(sluice.events("breaker_opened"), IsEmpty()) << "one bad record opens no breaker";
  // As a batch, while it is searched for, and alone; some of them before a neighbour was taken.
  EXPECT_LE(sluice.events("request_failed").size(), 20U);
}

INSTANTIATE_TEST_SUITE_P(
    Of, AmongNeighbours,
    testing::Values(Failing{"answer", {.status = 500}, "500"},
                    Failing{"reset", {.fault = Fault::reset_after_request}, "(none)"}),
    [](const auto& failing) { return std::string(failing.param.name); });

// The others of its own batch are neighbours, too, and there may be no more of them.
TEST_F(Suspects, OnFourPartitionsOfOneBatchEachItNeverHoldsTheTargetDown) {
  make_topics("suspects-quiet", 4, 20);
  fail_on(id(7), {.status = 500});
  SluiceProcess sluice(config());
  ASSERT_TRUE(wait_for_state(sluice, "p", "suspect_record", seconds(30)))
      << sluice.status() << sluice.log();
  EXPECT_TRUE(has_committed({7, 20, 20, 20}));
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_EQ(state_of(sluice, "p").reasons.at(0), "suspect_record");
  EXPECT_EQ(state_of(sluice, "p").reasons.at(3), "flowing");
  // What comes now tells: the record is bad.
  const auto tell = [&, next = std::int64_t{20}]() mutable {
    produce_numbered(broker_, topic_, 4, 1, next++);
    return !letters().empty();
  };
  ASSERT_TRUE(eventually(tell, seconds(30), milliseconds(300))) << sluice.status() << sluice.log();
  expect_all(sluice, dead({id(7)}));
  EXPECT_EQ(header_of(letters()[0], "sluice.reason"), "exhausted");
}

class OnExhausted : public Suspects {
 protected:
  // Records go on coming to four partitions until it holds.
  template <class Predicate>
  bool with_neighbours(Predicate holds) {
    return eventually(
        [&] {
          produce_numbered(broker_, topic_, 4, 1, next_++);
          return holds();
        },
        seconds(40), milliseconds(20));
  }
  std::int64_t next_ = kEach;
};

TEST_F(OnExhausted, DropLeavesItOut) {
  make_topics("suspects-drop", 4, kEach);
  fail_on(id(kBad), {.status = 500});
  SluiceProcess sluice(config(std::string(kBatches) + ", on_exhausted: drop"));
  ASSERT_TRUE(with_neighbours([&] { return state_of(sluice, "p").dropped == 1; }))
      << sluice.status() << sluice.log();
  ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
  EXPECT_THAT(accounts().lost, ElementsAre(id(kBad))) << "the one that was to be dropped";
  EXPECT_EQ(api_.distinct(), static_cast<std::size_t>(4 * next_ - 1));
  EXPECT_THAT(letters(), IsEmpty());
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

TEST_F(OnExhausted, UntilThenItsPartitionSaysWhatIsTriedAgain) {
  make_topics("suspects-retrying", 4, kEach);
  fail_on(id(kBad), {.status = 500});
  SluiceProcess sluice(
      config("batch: {max_records: 20}, retry: {initial: 20ms, max: 200ms, attempts: 1000}"));
  ASSERT_TRUE(with_neighbours([&] { return state_of(sluice, "p").reasons[0] == "retrying"; }))
      << sluice.status() << sluice.log();
  ASSERT_TRUE(with_neighbours([&] {
    return sluice.status().find("offset 25 fails alone") != std::string::npos;
  })) << sluice.status();
  EXPECT_EQ(state_of(sluice, "p").state, "flowing");
  api_.answer_with(RecordingApi::take_all());
  expect_all(sluice);
  EXPECT_TRUE(
      eventually([&] { return state_of(sluice, "p").reasons[0] == "flowing"; }, seconds(5)));
}

TEST_F(OnExhausted, ParkKeepsItsPlaceWhileTheOthersFlow) {
  make_topics("suspects-park", 4, kEach);
  fail_on(id(kBad), {.status = 500});
  SluiceProcess sluice(config(std::string(kBatches) + ", on_exhausted: park"));
  ASSERT_TRUE(with_neighbours([&] { return state_of(sluice, "p").reasons[0] == "suspect_record"; }))
      << sluice.status() << sluice.log();
  // Neighbours that are taken change nothing.
  const auto last = record_id(topic_, 3, next_);
  ASSERT_TRUE(with_neighbours([&] { return api_.took(last); })) << sluice.status();
  ASSERT_TRUE(has_committed({kBad, next_, next_, next_})) << sluice.status();
  EXPECT_EQ(state_of(sluice, "p").reasons.at(3), "flowing");
  EXPECT_THAT(letters(), IsEmpty());

  api_.answer_with(RecordingApi::take_all());
  expect_all(sluice);
}

class Actions : public FailuresTest {
 protected:
  std::string resume_from(const std::string& offset) const {
    return "resume-from?topic=" + topic_ + "&partition=0&offset=" + offset;
  }
};

TEST_F(Actions, AreForThoseWhoKnowTheToken) {
  make_topics("actions-token", 1, 1);
  SluiceProcess sluice(config());
  ASSERT_TRUE(all_committed()) << sluice.log();
  for (const auto& action : Ids{"retry", "dead-letter", resume_from("earliest")}) {
    EXPECT_EQ(act(sluice, action, ""), 401);
    EXPECT_EQ(act(sluice, action, std::string(kAdminToken) + "x"), 401);
  }
  EXPECT_EQ(act(sluice, "retry"), 409);
  EXPECT_EQ(act(sluice, "no-such-action"), 400);
  EXPECT_EQ(act(sluice, "retry?partition=0"), 400);
  EXPECT_EQ(act(sluice, "resume-from?topic=" + topic_ + "&partition=0"), 400);
  EXPECT_EQ(act(sluice, resume_from("yesterday")), 400);
  EXPECT_EQ(act(sluice, "resume-from?topic=other&partition=0&offset=0"), 409);
  int status = 0;
  sluice.post("/-/pipelines/q/retry", kAdminToken, &status);
  EXPECT_EQ(status, 404);
  EXPECT_EQ(api_.server().request_count(), 1U);
  EXPECT_THAT(committed(), ElementsAre(1));
  EXPECT_THAT(sluice.log(), testing::Not(HasSubstr(kAdminToken)));
}

TEST_F(Actions, AreNoneWithoutAToken) {
  make_topics("actions-none", 1, 1);
  SluiceProcess sluice(FlowConfig(broker_).target("api", api_.url()).pipeline("p", topic_).yaml());
  ASSERT_TRUE(all_committed()) << sluice.log();
  EXPECT_EQ(act(sluice, "retry", ""), 403);
  EXPECT_EQ(act(sluice, "retry"), 403);
}

struct Resumed {
  const char* name;
  std::int64_t committed;
  std::int64_t deleted_before;
  const char* offset;
  std::int64_t from;  // the first record that comes
};
void PrintTo(const Resumed& resumed, std::ostream* out) { *out << resumed.name; }

class Resume : public Actions, public testing::WithParamInterface<Resumed> {};

TEST_P(Resume, GoesOnWhereTheOperatorSaysAndCommitsThat) {
  make_topics(std::string("actions-resume-") + GetParam().name, 2, 100);
  commit_offsets(broker_.brokers(), group_of(topic_), topic_, {GetParam().committed, 0});
  if (GetParam().deleted_before > 0) {
    broker_.delete_records(topic_, 0, GetParam().deleted_before);
  }
  SluiceProcess sluice(config());
  ASSERT_TRUE(wait_for_state(sluice, "p", "offset_out_of_range", seconds(30))) << sluice.log();
  const std::string command = "sluice act resume-from p --topic " + topic_ + " --partition 0";
  EXPECT_THAT(state_of(sluice, "p").release,
              ElementsAre(command + " --offset earliest", command + " --offset latest"));
  ASSERT_TRUE(has_committed({GetParam().committed, 100})) << sluice.status();

  EXPECT_EQ(act(sluice, resume_from(GetParam().offset)), 200);
  EXPECT_TRUE(has_committed({100, 100})) << sluice.status() << sluice.log();
  EXPECT_EQ(api_.distinct(), static_cast<std::size_t>(100 + 100 - GetParam().from));
  EXPECT_EQ(api_.took(id(GetParam().from)), GetParam().from < 100);
  produce_numbered(broker_, topic_, 2, 10, 100);
  ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
  EXPECT_TRUE(api_.took(id(109)));
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(5))) << sluice.status();
  const Accounts all = accounts();
  EXPECT_THAT(all.repeated, IsEmpty());
  EXPECT_THAT(all.invented, IsEmpty());
  // What it was told to jump over, and no more; deleted records are in no account.
  EXPECT_THAT(all.lost,
              SizeIs(static_cast<std::size_t>(GetParam().from - GetParam().deleted_before)));
}

INSTANTIATE_TEST_SUITE_P(From, Resume,
                         testing::Values(Resumed{"earliest", 0, 50, "earliest", 50},
                                         Resumed{"latest", 0, 50, "latest", 100},
                                         Resumed{"offset", 0, 50, "70", 70},
                                         Resumed{"beyond", 5'000, 0, "earliest", 0}),
                         [](const auto& resumed) { return std::string(resumed.param.name); });

TEST_F(Actions, ResumeFromPassesOverARecordThatHasNoDeadLetterTopic) {
  make_topics("actions-pass-over", 1, kEach);
  fail_on(id(kBad), {.status = 422});
  SluiceProcess sluice(FlowConfig(broker_)
                           .admin_token(kAdminToken)
                           .target("api", api_.url(), kQuickBreaker)
                           .pipeline("p", topic_, kBatches)
                           .yaml());
  ASSERT_TRUE(wait_for_state(sluice, "p", "no_dead_letter_topic", seconds(30)))
      << sluice.status() << sluice.log();
  // The command stands there to be copied.
  EXPECT_THAT(state_of(sluice, "p").release, ElementsAre("sluice act resume-from p --topic " +
                                                         topic_ + " --partition 0 --offset 26"));
  EXPECT_TRUE(has_committed({kBad}));

  EXPECT_EQ(act(sluice, resume_from("26")), 200);
  ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
  EXPECT_THAT(accounts().lost, ElementsAre(id(kBad)));
  EXPECT_EQ(api_.distinct(), static_cast<std::size_t>(kEach - 1));
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(5))) << sluice.status();
}

}  // namespace
}  // namespace sluice::test
