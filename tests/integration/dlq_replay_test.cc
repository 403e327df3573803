// Dead letters are replayed, each once, whatever happens in the middle.
#include <csignal>

#include "integration/dlq.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST_F(Dlq, ReplayedToTheTopicTheRecordsArriveOnceAndASecondReplayDoesNothing) {
  make_topics("mended", 2);
  const Headers headers = {{"trace", "t"}, {"null", std::nullopt}};
  for (std::int32_t partition : {0, 1}) {
    for (int i = 0; i < 3; ++i) {
      const std::string name = record_id(topic_, partition, i);
      produce(
          broker_.brokers(), topic_,
          {{.value = record_value(name), .key = name, .partition = partition, .headers = headers}});
    }
  }
  broken(true);
  run();
  broken(false);

  const Ran ran = replay();
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("Replayed 6 of 6 letters to topic mended"));
  const auto all = read_topic(broker_.brokers(), topic_);
  ASSERT_THAT(all, SizeIs(12));
  for (const StoredRecord& record : all) {
    if (record.offset < 3) continue;
    EXPECT_EQ(record.value, record_value(*record.key));
    EXPECT_THAT(*record.key, HasSubstr("mended-" + std::to_string(record.partition)));
    ASSERT_THAT(record.headers, SizeIs(4));
    EXPECT_EQ(record.headers[0], headers[0]);
    EXPECT_EQ(record.headers[1], headers[1]);
    EXPECT_EQ(header_of(record, "sluice.replays"), "1");
    EXPECT_THAT(header_of(record, "sluice.replay_of"), HasSubstr("mended/"));
  }
  run();
  EXPECT_EQ(api_.distinct(), 6U);
  for (const auto& [name, times] : api_.taken()) EXPECT_EQ(times, 1) << name;

  const Ran again = replay();
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("6 replayed before"));
  EXPECT_EQ(records_of(topic_), 12U);
  EXPECT_THAT(states(), ElementsAre(0, 0, 6));
}

TEST_F(Dlq, ReplayedToTheApiEachIsSignedAndSentAloneAndOnce) {
  make_topics("direct");
  dead_letters(5);
  const std::size_t before = api_.server().request_count();
  const Ran ran = replay({"--to", "api"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_EQ(api_.server().request_count(), before + 5);
  EXPECT_EQ(api_.distinct(), 5U);
  const auto requests = api_.server().requests();
  EXPECT_EQ(requests.back().path, "/p");
  EXPECT_EQ(*requests.back().header("authorization"), "Bearer s3cret-token");
  EXPECT_EQ(requests.back().body, "[" + record_value(id(4)) + "]");
  EXPECT_EQ(records_of(topic_), 5U);
  EXPECT_EQ(replay({"--to", "api"}).code, 0);
  EXPECT_EQ(api_.server().request_count(), before + 5);
}

TEST_F(Dlq, WhatTheApiRefusesAgainIsLeftAndRefusedCredentialsStop) {
  make_topics("refused");
  dead_letters(4);
  api_.answer_with([this](const SeenRequest&, const auto& ids) {
    return Reply{.status = ids.front() == id(1) ? 422 : 200};
  });
  const Ran ran = replay({"--to", "api"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("refused: refused/0/1 at 0:1"), HasSubstr("Replayed 3")));
  EXPECT_THAT(states(), ElementsAre(1, 0, 3));

  api_.answer_with(RecordingApi::always({.status = 401}));
  const Ran stopped = replay({"--to", "api"});
  EXPECT_EQ(stopped.code, 1);
  EXPECT_THAT(stopped.err, HasSubstr("replay stopped"));
  EXPECT_THAT(stopped.err + stopped.out, Not(HasSubstr("s3cret")));
  EXPECT_THAT(states(), ElementsAre(1, 0, 3));
}

TEST_F(Dlq, KilledInTheMiddleItGoesOnWhereItEndedAndNamesWhatIsUncertain) {
  make_topics("killed");
  dead_letters(40);
  api_.work_for(milliseconds(20));
  const auto options = command("replay", {"--pipeline", "p", "--to", "api", "--rate", "1000/s"});
  {
    ChildProcess child(options);
    ASSERT_TRUE(api_.wait_for_distinct(15, seconds(20)));
    child.signal(SIGKILL);
    child.wait(seconds(10));
  }
  const auto after_kill = states();
  EXPECT_EQ(after_kill[0] + after_kill[1] + after_kill[2], 40);
  EXPECT_GE(after_kill[2], 10);
  EXPECT_GE(after_kill[1], 1);
  EXPECT_LE(after_kill[1], 10);

  const Ran again = replay({"--to", "api"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.out, AllOf(HasSubstr("--uncertain"), HasSubstr("uncertain: killed/0/")));
  EXPECT_THAT(states(), ElementsAre(0, after_kill[1], 40 - after_kill[1]));
  for (const auto& [name, times] : api_.taken()) EXPECT_EQ(times, 1) << name;

  EXPECT_EQ(replay({"--to", "api", "--uncertain"}).code, 0);
  EXPECT_EQ(api_.distinct(), 40U);
  EXPECT_THAT(states(), ElementsAre(0, 0, 40));
}

TEST_F(Dlq, TwoReplaysAtOnceSendEachLetterOnce) {
  make_topics("twins");
  dead_letters(60);
  const std::vector<std::string> slowly = {"--pipeline", "p",    "--to",  "api",
                                           "--rate",     "30/s", "--json"};
  const auto first = command("replay", slowly);
  const auto second = command("replay", slowly);
  ChildProcess one(first);
  ChildProcess two(second);
  const auto by_one = summary_of(end_of(one, first));
  const auto by_two = summary_of(end_of(two, second));
  const auto both = [&](const char* name) {
    return by_one["summary"][name].GetInt() + by_two["summary"][name].GetInt();
  };
  EXPECT_EQ(both("replayed"), 60);
  EXPECT_EQ(both("planned"), both("replayed") + both("taken"));
  EXPECT_GT(both("taken"), 0) << "they were not at work at the same time";
  EXPECT_EQ(api_.distinct(), 60U);
  for (const auto& [name, times] : api_.taken()) EXPECT_EQ(times, 1) << name;
}

TEST_F(Dlq, InterruptedItStopsAfterTheLetterInHand) {
  make_topics("interrupted");
  dead_letters(30);
  const auto options = command("replay", {"--pipeline", "p", "--to", "api", "--rate", "5/s"});
  ChildProcess child(options);
  ASSERT_TRUE(api_.wait_for_distinct(2, seconds(20)));
  child.signal(SIGINT);
  const Ran ran = end_of(child, options);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("interrupted"));
  const auto after = states();
  EXPECT_EQ(after[1], 0);
  EXPECT_EQ(static_cast<std::size_t>(after[2]), api_.distinct());
}

TEST_F(Dlq, ReplayKeepsToItsRate) {
  make_topics("paced");
  dead_letters(21);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(replay({"--rate", "10/s"}).code, 0);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, seconds(2));
}

TEST_F(Dlq, ALetterThatRefersToItsRecordIsReplayedWhole) {
  make_topics("oversized", 1, {{"max.message.bytes", "8388608"}});
  std::string large = record_value(id(0), 3'000'000);
  produce(broker_.brokers(), topic_, {{.value = large, .key = "large"}});
  run();
  ASSERT_THAT(letters(), SizeIs(1));
  ASSERT_EQ(letters()[0].value, std::nullopt);
  EXPECT_EQ(replay().code, 0);
  const auto all = read_topic(broker_.brokers(), topic_);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_TRUE(all[1].value == large);
  EXPECT_EQ(all[1].key, "large");
}

TEST_F(Dlq, ALetterWhoseRecordIsGoneIsCounted) {
  make_topics("gone", 1, {{"max.message.bytes", "8388608"}});
  produce(broker_.brokers(), topic_,
          {{.value = record_value(id(0), 3'000'000)}, {.value = record_value(id(1))}});
  run();
  broker_.delete_records(topic_, 0, 1);
  const Ran ran = replay({"--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(summary_of(ran)["summary"]["gone"].GetInt(), 1);
  EXPECT_EQ(records_of(topic_), 1U);
}

TEST_F(Dlq, WhatComesBackThreeTimesIsLeftUnlessForced) {
  make_topics("looping");
  dead_letters(1);
  for (int times = 1; times <= 3; ++times) {
    EXPECT_EQ(replay().code, 0);
    broken(true);
    run();
    broken(false);
    ASSERT_THAT(letters(), SizeIs(static_cast<std::size_t>(times) + 1));
    EXPECT_EQ(header_of(letters().back(), "sluice.replays"), std::to_string(times));
  }
  const Ran refused = replay();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, HasSubstr("--force"));
  EXPECT_EQ(records_of(topic_), 4U);
  EXPECT_EQ(replay({"--force"}).code, 0);
  EXPECT_EQ(records_of(topic_), 5U);
}

}  // namespace
}  // namespace sluice::test
