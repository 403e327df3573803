// The log in floods: few lines, and every count. Traces that go along.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::SizeIs;

rapidjson::Document parsed(const std::string& line) {
  rapidjson::Document document;
  document.Parse(line.c_str());
  return document;
}

std::string text_in(const std::string& line, const char* name) {
  const auto document = parsed(line);
  return document.HasMember(name) ? document[name].GetString() : "(none)";
}

// Written, or told of by a line that was.
std::uint64_t told(const SluiceProcess& sluice, const std::string& event) {
  std::uint64_t all = 0;
  for (const std::string& line : sluice.events(event)) {
    const auto document = parsed(line);
    ++all;
    for (const char* name : {"held_back", "held_back_others"}) {
      if (document.HasMember(name)) all += document[name].GetUint64();
    }
  }
  return all;
}

std::size_t lines_of(const SluiceProcess& sluice) {
  std::istringstream lines(sluice.log());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  return count;
}

class Logs : public testing::Test {
 protected:
  void make_topics(const std::string& name, int partitions) {
    topic_ = name;
    broker_.create_topic(topic_, partitions);
    broker_.create_topic(topic_ + ".dlq", 1);
  }
  std::string config(const std::string& target_keys, const std::string& keys) const {
    return FlowConfig(broker_)
        .target("api", api_.url(), target_keys)
        .pipeline("p", topic_, keys, topic_ + ".dlq")
        .yaml();
  }
  static void stop(SluiceProcess& sluice) {
    sluice.signal(SIGTERM);
    ASSERT_TRUE(sluice.wait(seconds(30))) << sluice.log();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
};

TEST_F(Logs, RecordsThatAreRefusedOneByOneAreAFewLinesAndAllCounted) {
  constexpr std::int64_t kRecords = 5000;
  make_topics("refused", 1);
  produce_numbered(broker_, topic_, 1, kRecords);
  std::atomic<std::uint64_t> requests{0};
  api_.answer_with([&](const SeenRequest&, const auto&) {
    ++requests;
    return Reply{.status = 400};
  });
  SluiceProcess sluice(config("", "batch: {max_records: 500}, refusal_guard: none"));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(120))) << sluice.status();
  stop(sluice);
  EXPECT_EQ(told(sluice, "record_dead_lettered"), static_cast<std::uint64_t>(kRecords));
  EXPECT_EQ(told(sluice, "request_failed"), requests.load());
  EXPECT_LE(lines_of(sluice), 100U);
  for (const std::string& line : sluice.events("record_dead_lettered")) {
    EXPECT_THAT(text_in(line, "batch_id"), SizeIs(testing::Gt(8U))) << line;
  }
}

// Two workers, eight partitions each.
TEST_F(Logs, AnOutageIsAFewLines) {
  make_topics("down", 16);
  produce_numbered(broker_, topic_, 16, 50);
  std::atomic<std::uint64_t> requests{0};
  api_.answer_with([&](const SeenRequest&, const auto&) {
    ++requests;
    return Reply{.status = 503};
  });
  SluiceProcess sluice(config(
      "circuit_breaker: {failures: 100, open_for: 1s, max_open_for: 1s}, concurrency: {max: 16}",
      "workers: 2, batch: {max_records: 10}, retry: {initial: 10ms, max: 50ms}"));
  ASSERT_TRUE(sluice.wait_for_event("request_failed", seconds(30)));
  const std::size_t before = lines_of(sluice);
  std::this_thread::sleep_for(seconds(10));
  const std::size_t lines = lines_of(sluice) - before;
  EXPECT_LE(lines, 30U) << sluice.log();
  stop(sluice);
  // Those that the end cut off have no answer, and no line.
  EXPECT_LE(told(sluice, "request_failed"), requests.load());
  EXPECT_GE(told(sluice, "request_failed") + 16, requests.load());
}

TEST_F(Logs, ATraceGoesAlongAndTheLogNamesIt) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string parent = "00-" + trace + "-00f067aa0ba902b7-01";
  const std::string other = "00-00000000000000000000000000000001-00f067aa0ba902b7-01";
  make_topics("traced", 1);
  produce(broker_.brokers(), topic_,
          {{.value = record_value("0")},
           {.value = record_value("1"), .headers = {{"traceparent", "00-no"}}},
           {.value = record_value("2"),
            .headers = {{"traceparent", parent}, {"tracestate", "congo=t61rcWkgMzE"}}},
           {.value = record_value("3"), .headers = {{"traceparent", other}}}});
  std::mutex mutex;
  std::vector<SeenRequest> seen;
  api_.answer_with([&](const SeenRequest& request, const auto&) {
    const std::lock_guard lock(mutex);
    seen.push_back(request);
    return Reply{.status = seen.size() == 1 ? 503 : 200};
  });
  SluiceProcess sluice(config("", "batch: {linger: 200ms}, retry: {initial: 10ms, max: 50ms}"));
  ASSERT_TRUE(api_.wait_for_distinct(4, seconds(30))) << sluice.log();
  const std::lock_guard lock(mutex);
  ASSERT_THAT(seen, SizeIs(2)) << "all records in one request, twice";
  for (const SeenRequest& request : seen) {
    ASSERT_NE(request.header("traceparent"), nullptr);
    EXPECT_EQ(*request.header("traceparent"), parent);
    ASSERT_NE(request.header("tracestate"), nullptr);
    EXPECT_EQ(*request.header("tracestate"), "congo=t61rcWkgMzE");
  }
  const auto lines = sluice.events("request_failed");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(text_in(lines[0], "trace_id"), trace);
  EXPECT_EQ(text_in(lines[0], "batch_id"), *seen[0].header("idempotency-key"));
}

}  // namespace
}  // namespace sluice::test
