// The tools that the other tests judge Sluice with, on the real broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <string>

#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/process.h"
#include "support/prometheus_server.h"
#include "support/scripted_server.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(KafkaBroker, RecordsComeBackAsTheyWereWritten) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("as-written", 2);
  produce(broker.brokers(), "as-written",
          {{.value = "one", .key = "k", .partition = 1, .headers = {{"h", "v"}, {"null", {}}}},
           {.value = std::nullopt, .key = "k", .partition = 1},
           {.value = "", .partition = 1}});

  const std::vector<StoredRecord> records = read_topic(broker.brokers(), "as-written");

  ASSERT_THAT(records, SizeIs(3));
  EXPECT_EQ(records[0].partition, 1);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "one");
  EXPECT_EQ(records[0].headers, (Headers{{"h", "v"}, {"null", std::nullopt}}));
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_EQ(records[2].offset, 2);
  EXPECT_EQ(records[2].key, std::nullopt);
  EXPECT_EQ(records[2].value, "");
  EXPECT_THAT(end_offsets(broker.brokers(), "as-written"), ElementsAre(0, 3));
}

TEST(PrometheusServer, ScrapesAPortAndFiresWhatTheRulesSay) {
  ScriptedServer exporter([](const SeenRequest&) {
    return Reply{.headers = {{"Content-Type", "text/plain; version=0.0.4"}},
                 .body = "level{of=\"x\"} 7\n"};
  });
  PrometheusServer prometheus(scaled_rules(
      "groups:\n- name: g\n  rules:\n  - alert: High\n    expr: avg_over_time(level[5m]) > 5\n"
      "    for: 2m\n  - alert: Low\n    expr: level < 5\n",
      60));
  prometheus.scrape({exporter.port()});
  ASSERT_TRUE(eventually(
      [&] {
        const auto alerts = prometheus.alerts();
        return alerts.size() == 1 && alerts[0].firing;
      },
      seconds(20)));
  EXPECT_EQ(prometheus.alerts()[0].name(), "High");
  EXPECT_EQ(prometheus.alerts()[0].labels.at("of"), "x");
  const auto samples = prometheus.query("level * 2");
  ASSERT_THAT(samples, SizeIs(1));
  EXPECT_EQ(samples[0].value, 14);
  EXPECT_EQ(samples[0].labels.at("job"), "sluice");
  EXPECT_THROW(prometheus.query("level *"), std::runtime_error);
}

TEST(ScaledRules, AreSoManyTimesFasterAndTheirWindowsStayWideEnough) {
  EXPECT_EQ(scaled_rules("for: 5m rate(x[1h]) rate(y[30s]) > 15m\nfor: 30s", 60),
            "for: 5s rate(x[60s]) rate(y[4s]) > 15m\nfor: 0s");
}

TEST(KafkaBroker, AHundredThousandRecordsAreWrittenInSeconds) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("many", 4);
  TopicWriter writer(broker.brokers(), "many");
  for (int i = 0; i < 100'000; ++i)
    writer.add({.value = std::string(200, 'x'), .partition = i % 4});
  writer.flush();
  EXPECT_THAT(end_offsets(broker.brokers(), "many"), ElementsAre(25'000, 25'000, 25'000, 25'000));
  EXPECT_THAT(read_topic(broker.brokers(), "many"), SizeIs(100'000));
}

TEST(KafkaBroker, AnUnwritableRecordIsAnError) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("small", 1, {{"max.message.bytes", "1000"}});
  EXPECT_THROW(produce(broker.brokers(), "small", {{.value = std::string(5000, 'x')}}),
               std::runtime_error);
}

TEST(KafkaBroker, KeepsItsDataThroughStopAndKill) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("kept", 1);
  produce(broker.brokers(), "kept", {{.value = "before"}});
  broker.stop();
  broker.start();
  produce(broker.brokers(), "kept", {{.value = "between"}});
  broker.kill();
  broker.start();
  produce(broker.brokers(), "kept", {{.value = "after"}});
  EXPECT_THAT(read_topic(broker.brokers(), "kept"), SizeIs(3));
}

TEST(KafkaBroker, AnswersAgainAfterAPause) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("paused", 1);
  broker.pause();
  broker.resume();
  produce(broker.brokers(), "paused", {{.value = "x"}});
  EXPECT_THAT(end_offsets(broker.brokers(), "paused"), ElementsAre(1));
}

TEST(KafkaBroker, DeletedRecordsAreGone) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("trimmed", 1);
  produce(broker.brokers(), "trimmed", {{.value = "a"}, {.value = "b"}, {.value = "c"}});
  broker.delete_records("trimmed", 0, 2);
  const std::vector<StoredRecord> left = read_topic(broker.brokers(), "trimmed");
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].value, "c");
}

TEST(KafkaBroker, CommittedOffsetsAreWhatWasCommitted) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("committed", 2);
  produce(broker.brokers(), "committed", {{.value = "a", .partition = 0}});
  EXPECT_THAT(committed_offsets(broker.brokers(), "nobody", "committed"), ElementsAre(-1, -1));
  commit_offsets(broker.brokers(), "nobody", "committed", {1});
  EXPECT_THAT(committed_offsets(broker.brokers(), "nobody", "committed"), ElementsAre(1, -1));
}

TEST(KafkaBroker, AGroupOfNobodyHasNoMembers) {
  KafkaBroker& broker = KafkaBroker::shared();
  EXPECT_THAT(group_members(broker.brokers(), "unheard-of"), SizeIs(0));
  EXPECT_TRUE(wait_for_members(broker.brokers(), "unheard-of", 0, milliseconds(0)));
}

TEST(ChildProcess, ReportsItsExitCodeOutputAndEnvironment) {
  const TempDir dir;
  ChildProcess child({.argv = {"sh", "-c", "echo \"$SAID\"; exit 7"},
                      .env = {{"SAID", "hello"}},
                      .out_file = dir.path() / "out",
                      .err_file = {}});
  const auto status = child.wait(seconds(10));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->code, 7);
  EXPECT_EQ(status->signal, 0);
  EXPECT_GT(status->peak_rss_bytes, 0U);
  EXPECT_EQ(read_file(dir.path() / "out"), "hello\n");
}

TEST(ChildProcess, ReportsTheSignalThatEndedIt) {
  ChildProcess child({.argv = {"sleep", "60"}, .env = {}, .out_file = {}, .err_file = {}});
  EXPECT_TRUE(child.running());
  EXPECT_FALSE(child.wait(milliseconds(0)).has_value());
  child.signal(SIGKILL);
  const auto status = child.wait(seconds(10));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->signal, SIGKILL);
  EXPECT_FALSE(child.running());
}

TEST(ChildProcess, TailIsTheLastLinesOnly) {
  const TempDir dir;
  ChildProcess child({.argv = {"sh", "-c", "seq 1 100"},
                      .env = {},
                      .out_file = dir.path() / "out",
                      .err_file = {}});
  ASSERT_TRUE(child.wait(seconds(10)).has_value());
  EXPECT_EQ(tail_of(dir.path() / "out", 2), "99\n100\n");
}

}  // namespace
}  // namespace sluice::test
