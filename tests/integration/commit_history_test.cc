// The readers of commits that other tests judge Sluice by, against a real broker, the product's own
// encoder, and bytes that Kafka's schemas describe.
#include "support/commit_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "commit/metadata.h"
#include "integration/flow.h"
#include "integration/keyed.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/kept_ranges.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

std::string big_endian(std::int64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>((number >> shift) & 0xff);
  }
  return text;
}

std::string with_size(const std::string& text) {
  return big_endian(static_cast<std::int64_t>(text.size()), 2) + text;
}

std::string commit_key(const std::string& group, int version = 1) {
  return big_endian(version, 2) + with_size(group) + with_size("orders") + big_endian(3, 4);
}

// Of offset 70,000, with the metadata "text", in each of the versions that Kafka has written.
std::string commit_value(int version) {
  std::string value = big_endian(version, 2) + big_endian(70'000, 8);
  if (version >= 3) value += big_endian(5, 4);
  value += version >= 4 ? std::string("\x05text") : with_size("text");
  value += big_endian(1'700'000'000'000, 8);
  if (version == 1) value += big_endian(-1, 8);
  if (version >= 4) value += std::string("\x01\x00\x10", 3) + std::string(16, 'u');  // topic's id
  return value;
}

StoredRecord stored(const std::string& key, const std::optional<std::string>& value,
                    std::int64_t offset = 0) {
  return {.offset = offset, .timestamp_ms = 1'234, .key = key, .value = value, .headers = {}};
}

TEST(CommitsIn, AreReadInEveryVersionOfTheFormat) {
  const Commit expected{"orders", 3, 70'000, "text", 1'234};
  for (int version = 0; version <= 4; ++version) {
    const StoredRecord record = stored(commit_key("g", version % 2), commit_value(version));
    EXPECT_THAT(commits_in({record}, "g"), ElementsAre(expected)) << version;
  }
}

TEST(CommitsIn, AreThoseOfTheGroupAloneAndThatTheyWereDeleted) {
  const std::vector<StoredRecord> log = {
      stored(commit_key("g"), commit_value(3), 0), stored(commit_key("other"), commit_value(3), 1),
      stored(big_endian(2, 2) + with_size("g"), "whatever tells of the members", 2),
      stored(commit_key("g"), std::nullopt, 3)};
  EXPECT_THAT(commits_in(log, "g"), ElementsAre(Commit{"orders", 3, 70'000, "text", 1'234},
                                                Commit{"orders", 3, -1, "", 1'234}));
}

TEST(CommitsIn, ThrowsForWhatItCannotRead) {
  const auto read = [](const std::string& key, const std::string& value, std::int64_t offset = 0) {
    return commits_in({stored(key, value, offset)}, "g");
  };
  const std::string key = commit_key("g");
  for (int version = 0; version <= 4; ++version) {
    const std::string value = commit_value(version);
    for (std::size_t size = 0; size < value.size(); ++size) {
      EXPECT_THROW(read(key, value.substr(0, size)), std::runtime_error) << version << " " << size;
    }
    EXPECT_THROW(read(key, value + "x"), std::runtime_error) << version;
  }
  EXPECT_THROW(read(key, commit_value(5)), std::runtime_error);
  EXPECT_THROW(read(key.substr(0, key.size() - 1), commit_value(3)), std::runtime_error);
  EXPECT_THROW(read(key + "x", commit_value(3)), std::runtime_error);
  EXPECT_THROW(read(key, commit_value(3), 1), std::runtime_error) << "it is not all there";
}

TEST(CommitHistory, HasEveryCommitInOrderWithItsTime) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("history", 2);
  const std::int64_t start = now_ms();
  for (const std::int64_t offset : {7, 8, 8, 3}) {
    commit_offsets(broker.brokers(), "historians", "history", {offset, offset + 100});
    commit_offsets(broker.brokers(), "others", "history", {1});
  }
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> second;
  std::int64_t last_ms = start;
  for (const Commit& commit : commit_history(broker.brokers(), "historians")) {
    EXPECT_EQ(commit.topic, "history");
    EXPECT_EQ(commit.metadata, "");
    EXPECT_GE(commit.at_ms, last_ms);
    last_ms = commit.at_ms;
    (commit.partition == 0 ? first : second).push_back(commit.offset);
  }
  EXPECT_LE(last_ms, now_ms());
  EXPECT_THAT(first, ElementsAre(7, 8, 8, 3));
  EXPECT_THAT(second, ElementsAre(107, 108, 108, 103));
  EXPECT_THAT(commit_history(broker.brokers(), "nobody"), IsEmpty());
}

void delete_group(const std::string& group) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, KafkaBroker::shared().brokers());
  rd_kafka_DeleteGroup_t* request = rd_kafka_DeleteGroup_new(group.c_str());
  const RdQueue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteGroups(client.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteGroup_destroy(request);
  const RdEvent event(rd_kafka_queue_poll(queue.get(), kCallTimeoutMs));
  if (!event) throw std::runtime_error("delete group: no answer");
  require(rd_kafka_event_error(event.get()), "delete group");
}

TEST(CommitHistory, TellsThatAGroupWasDeleted) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("deleted", 1);
  commit_offsets(broker.brokers(), "deleted", "deleted", {5});
  delete_group("deleted");
  commit_offsets(broker.brokers(), "deleted", "deleted", {2});
  std::vector<std::int64_t> offsets;
  for (const Commit& commit : commit_history(broker.brokers(), "deleted")) {
    offsets.push_back(commit.offset);
  }
  EXPECT_THAT(offsets, ElementsAre(5, -1, 2));
}

std::string written(const Ranges& ranges, std::int64_t committed) {
  std::vector<commit::OffsetRange> ahead;
  for (const auto& [first, end] : ranges) ahead.push_back({first, end});
  return commit::encode({"cluster", "orders", 3}, committed, ahead).text;
}

TEST(KeptRanges, AreReadInBothFormsAsTheyWereWritten) {
  Ranges scattered;
  for (std::int64_t at = 11; at < 5'000; at += 2 + at % 5) scattered.emplace_back(at, at + 1);
  const std::vector<Ranges> all = {
      {{11, 12}}, {{10, 20}, {21, 23}}, {{1'000'000, 5'000'000'000}}, scattered};
  for (const Ranges& ranges : all) {
    EXPECT_EQ(kept_ranges(written(ranges, 10), "cluster", "orders", 3, 10), ranges);
  }
  EXPECT_THAT(kept_ranges("", "cluster", "orders", 3, 10), IsEmpty());
}

TEST(KeptRanges, ThrowsForAnythingElse) {
  const std::string text = written({{20, 50}, {60, 300}}, 10);
  EXPECT_THROW(kept_ranges(text, "other", "orders", 3, 10), std::runtime_error);
  EXPECT_THROW(kept_ranges(text, "cluster", "other", 3, 10), std::runtime_error);
  EXPECT_THROW(kept_ranges(text, "cluster", "orders", 2, 10), std::runtime_error);
  EXPECT_THROW(kept_ranges(text, "cluster", "orders", 3, 9), std::runtime_error);
  EXPECT_THROW(kept_ranges("reset on Tuesday", "cluster", "orders", 3, 10), std::runtime_error);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string begun = text.substr(0, i);
    for (const char other : {'A', 'B', '/', '=', '-'}) {
      if (text[i] == other) continue;
      EXPECT_THROW(kept_ranges(begun + other + text.substr(i + 1), "cluster", "orders", 3, 10),
                   std::runtime_error)
          << i << other;
    }
    if (i == 0) continue;
    EXPECT_THROW(kept_ranges(begun, "cluster", "orders", 3, 10), std::runtime_error) << i;
  }
}

// The offsets in one partition of what was taken of a feed.
std::set<std::int64_t> taken_offsets(const RecordingApi& api, const KeyedFeed& feed, int keys) {
  std::set<std::int64_t> offsets;
  for (std::int64_t offset = 0; offset < static_cast<std::int64_t>(feed.count()); ++offset) {
    if (api.took(feed.id(0, static_cast<int>(offset % keys), offset / keys))) {
      offsets.insert(offset);
    }
  }
  return offsets;
}

// All that it says is finished.
std::set<std::int64_t> said(const Commit& commit, const std::string& cluster) {
  std::set<std::int64_t> offsets;
  for (std::int64_t offset = 0; offset < commit.offset; ++offset) offsets.insert(offset);
  for (const auto& [first, end] :
       kept_ranges(commit.metadata, cluster, commit.topic, commit.partition, commit.offset)) {
    for (std::int64_t offset = first; offset < end; ++offset) offsets.insert(offset);
  }
  return offsets;
}

TEST(KeptRanges, OfSluicesCommitsAreWhatTheApiTook) {
  constexpr int kKeys = 64;
  const std::string topic = "kept";
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic(topic, 1);
  KeyedFeed feed(broker, topic, 1, kKeys);
  feed.add(60);
  RecordingApi api([](const SeenRequest& request, const auto& /*ids*/) {
    const bool hangs = holds_key(request, KeyedFeed::key(0, 0));
    return Reply{.fault = hangs ? Fault::hang : Fault::none};
  });
  SluiceProcess sluice(
      FlowConfig(broker)
          .top("shutdown_timeout: 2s")
          .target("api", api.url(), "timeout: 60s, concurrency: {min: 4}")
          .pipeline("p", topic, "order: key, batch: {max_records: 20, linger: 10ms}")
          .yaml());
  // Those that share the strand of the blocked one wait with it: about one in eight.
  ASSERT_TRUE(api.wait_for_distinct(feed.count() * 3 / 4, seconds(20))) << sluice.status();
  sluice.signal(SIGTERM);
  ASSERT_TRUE(sluice.wait(seconds(20))) << sluice.log();

  const std::set<std::int64_t> taken = taken_offsets(api, feed, kKeys);
  const std::string cluster = cluster_id(broker.brokers());
  const std::vector<Commit> history = commit_history(broker.brokers(), group_of(topic));
  ASSERT_GE(history.size(), 2U) << sluice.log();
  std::size_t before = 0;
  for (const Commit& commit : history) {
    const std::set<std::int64_t> finished = said(commit, cluster);
    EXPECT_TRUE(std::includes(taken.begin(), taken.end(), finished.begin(), finished.end()));
    EXPECT_GE(finished.size(), before);
    before = finished.size();
  }
  EXPECT_LE(history.back().offset, 0) << "the first record of all hangs";
  EXPECT_EQ(said(history.back(), cluster), taken);
}

}  // namespace
}  // namespace sluice::test
