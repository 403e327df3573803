// Dead letters are counted and looked at, and what is to be replayed is chosen.
#include "integration/dlq.h"

namespace sluice::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST_F(Dlq, ListCountsByWhatIsAskedAndSaysWhatToDoNext) {
  make_topics("listed");
  dead_letters(3);
  produce(broker_.brokers(), topic_, {{.value = "not json"}});
  run();
  const Ran ran = sluice_dlq("list");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("listed.dlq"), HasSubstr("rejected"), HasSubstr("not_json"),
                             HasSubstr("Next: sluice dlq replay")));
  const auto by_reason = json(sluice_dlq("list", {"--json", "--by", "reason"}).out);
  ASSERT_EQ(by_reason["groups"].Size(), 2U);
  EXPECT_STREQ(by_reason["groups"][0]["reason"].GetString(), "not_json");
  EXPECT_EQ(by_reason["groups"][1]["letters"].GetInt(), 3);
  const auto letters_with = [&](const std::vector<std::string>& filter) {
    std::vector<std::string> options = {"--json"};
    options.insert(options.end(), filter.begin(), filter.end());
    return json(sluice_dlq("list", options).out)["total"]["letters"].GetInt();
  };
  EXPECT_EQ(letters_with({"--status", "4xx"}), 3);
  EXPECT_EQ(letters_with({"--status", "none"}), 1);
  EXPECT_EQ(letters_with({"--reason", "rejected", "--pipeline", "p"}), 3);
  EXPECT_EQ(letters_with({"--since", "1h"}), 4);
  EXPECT_EQ(letters_with({"--until", "1h"}), 0);
}

TEST_F(Dlq, ShowHidesTheRecordUnlessAsked) {
  make_topics("shown");
  produce(broker_.brokers(), topic_,
          {{.value = R"({"id":"shown-0-0","name":"Alice"})",
            .key = "alice-key",
            .headers = {{"trace", "alice-trace"}}}});
  broken(true);
  run();
  for (const bool as_json : {false, true}) {
    std::vector<std::string> options = {"--pipeline", "p", "--id", "shown/0/0"};
    if (as_json) options.emplace_back("--json");
    const Ran masked = sluice_dlq("show", options);
    EXPECT_EQ(masked.code, 0) << masked.err;
    EXPECT_THAT(masked.out, AllOf(HasSubstr("rejected"), HasSubstr("waiting"), HasSubstr("xxh3")));
    for (const char* secret : {"Alice", "alice", "s3cret"}) {
      EXPECT_THAT(masked.out, Not(HasSubstr(secret)));
    }
    options.emplace_back("--payload");
    EXPECT_THAT(sluice_dlq("show", options).out,
                AllOf(HasSubstr("Alice"), HasSubstr("alice-key"), HasSubstr("alice-trace")));
  }
  EXPECT_EQ(sluice_dlq("show", {"--pipeline", "p", "--at", "0:0"}).code, 0);
  const Ran missing = sluice_dlq("show", {"--pipeline", "p", "--at", "0:99"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("sluice dlq list"));
}

TEST_F(Dlq, ADryRunWritesNothingAndFiltersChoose) {
  make_topics("chosen");
  dead_letters(5);
  const std::size_t before = records_of(dlq());
  const Ran dry = replay({"--dry-run", "--from-offset", "1", "--to-offset", "3", "--limit", "2"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_THAT(dry.out, AllOf(HasSubstr("Would replay 2 letters"), HasSubstr("1 beyond --limit"),
                             HasSubstr("chosen/0/1"), Not(HasSubstr("chosen/0/3"))));
  EXPECT_EQ(records_of(dlq()), before);
  EXPECT_EQ(records_of(topic_), 5U);

  EXPECT_EQ(replay({"--id", "chosen/0/4"}).code, 0);
  EXPECT_EQ(replay({"--from-offset", "1", "--to-offset", "3", "--limit", "2"}).code, 0);
  EXPECT_EQ(replay({"--status", "5xx"}).code, 0);
  EXPECT_EQ(replay({"--until", "1h"}).code, 0);
  const auto all = read_topic(broker_.brokers(), topic_);
  ASSERT_THAT(all, SizeIs(8));
  EXPECT_EQ(all[5].value, record_value(id(4)));
  EXPECT_EQ(all[6].value, record_value(id(1)));
  EXPECT_EQ(all[7].value, record_value(id(2)));
}

TEST_F(Dlq, WrongOptionsAreNamedWithTheRemedy) {
  make_topics("wrong");
  const auto complaint = [this](const std::string& name, const std::vector<std::string>& options) {
    const Ran ran = sluice_dlq(name, options);
    EXPECT_EQ(ran.code, 2) << ran.err;
    return ran.err;
  };
  EXPECT_THAT(complaint("list", {"--reason", "rejectd"}), HasSubstr("did you mean rejected?"));
  EXPECT_THAT(complaint("list", {"--pipeline", "q"}), HasSubstr("there is no pipeline \"q\""));
  EXPECT_THAT(complaint("list", {"--by", "day"}), HasSubstr("pipeline, reason, status, hour"));
  EXPECT_THAT(complaint("list", {"--status", "9"}), HasSubstr("4xx"));
  EXPECT_THAT(complaint("list", {"--since", "noon"}), HasSubstr("2h"));
  EXPECT_THAT(complaint("show", {"--pipeline", "p"}), HasSubstr("--id"));
  EXPECT_THAT(complaint("show", {"--pipeline", "p", "--at", "x"}), HasSubstr("0:17"));
  EXPECT_THAT(complaint("replay", {"--pipeline", "p", "--to", "moon"}), HasSubstr("topic or api"));
  EXPECT_THAT(complaint("replay", {"--pipeline", "p", "--rate", "0"}), HasSubstr("100/s"));
  EXPECT_THAT(complaint("replay", {}), HasSubstr("--pipeline"));
  EXPECT_THAT(complaint("replai", {}), HasSubstr("did you mean dlq replay?"));
}

// The secrets of the API and of the admin port are not there.
TEST_F(Dlq, OnlyAReplayToTheApiNeedsItsCredentials) {
  make_topics("secrets");
  dead_letters(1);
  std::string yaml = config();
  const auto replace = [&yaml](const std::string& what, const std::string& by) {
    yaml.replace(yaml.find(what), what.size(), by);
  };
  replace("admin: {", "admin: {token: \"${file:/no/such/token}\", ");
  replace("token: s3cret-token", "token: \"${env:NO_SUCH_TOKEN}\"");
  const auto end = [&](const std::string& name, const std::vector<std::string>& options) {
    auto made = command(name, options);
    std::erase(made.argv, "--allow-literal-secrets");
    std::ofstream(dir_.path() / "sluice.yaml") << yaml;
    ChildProcess child(made);
    return end_of(child, made);
  };
  const auto done = [&](const std::string& name, const std::vector<std::string>& options) {
    const Ran ran = end(name, options);
    EXPECT_EQ(ran.code, 0) << ran.err;
  };
  done("list", {});
  done("show", {"--pipeline", "p", "--at", "0:0"});
  done("replay", {"--pipeline", "p", "--to", "api", "--dry-run"});
  const Ran refused = end("replay", {"--pipeline", "p", "--to", "api"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("targets.api.auth.token"), HasSubstr("NO_SUCH_TOKEN"),
                                 Not(HasSubstr("admin.token"))));
  done("replay", {"--pipeline", "p"});
  EXPECT_EQ(states(), (std::vector{0, 0, 1}));
}

TEST_F(Dlq, ADeadLetterTopicThatIsNotThereIsNamed) {
  topic_ = "absent";
  const Ran ran = sluice_dlq("list");
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("absent.dlq"));
}

}  // namespace
}  // namespace sluice::test
