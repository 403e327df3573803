// Records that cannot be delivered cost themselves only: they are set aside with all they had and
// the reason, their neighbours arrive in order. What cannot be set aside stops its partition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Lt;
using testing::Not;
using testing::SizeIs;

// The value of the first header of that name; "(none)" where there is none, or it has no value.
std::string header_of(const StoredRecord& record, const std::string& name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value.value_or("(none)");
  }
  return "(none)";
}

// Refuses any request that holds one of `poison`, with `reply`.
RecordingApi::Answer refusing(std::set<std::string> poison, Reply reply) {
  return
      [poison = std::move(poison), reply = std::move(reply)](const SeenRequest&, const auto& ids) {
        for (const std::string& id : ids) {
          if (poison.contains(id)) return reply;
        }
        return Reply{};
      };
}

// One topic "<name>" with "<name>.dlq", one partition each.
class DeadLetter : public testing::Test {
 protected:
  void make_topics(const std::string& name, const std::map<std::string, std::string>& of_topic = {},
                   const std::map<std::string, std::string>& of_dead_letters = {}) {
    topic_ = name;
    broker_.create_topic(topic_, 1, of_topic);
    broker_.create_topic(dlq(), 1, of_dead_letters);
  }
  std::string dlq() const { return topic_ + ".dlq"; }
  std::string id(std::int64_t number) const { return record_id(topic_, 0, number); }
  std::string value(std::int64_t number, std::size_t padding = 0) const {
    return record_value(id(number), padding);
  }
  std::string config(const std::string& keys = "", const std::string& dead_letter_keys = "") {
    return FlowConfig(broker_)
        .target("api", api_.url(), "auth: {type: bearer, token: s3cret-token}")
        .pipeline("p", topic_, keys, dlq() + dead_letter_keys)
        .yaml();
  }
  std::vector<StoredRecord> letters() const { return read_topic(broker_.brokers(), dlq()); }
  Accounts accounts() const { return reconcile(broker_, topic_, {&api_}, dlq()); }
  std::vector<std::string> reasons() const {
    std::vector<std::string> all;
    for (const StoredRecord& letter : letters()) all.push_back(header_of(letter, "sluice.reason"));
    return all;
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_{RecordingApi::take_all(), {.remember = true}};
};

TEST_F(DeadLetter, PoisonAmongGoodRecordsIsFoundInFewRequestsAndSetAsideAlone) {
  make_topics("poison");
  constexpr int kRecords = 500;
  const std::vector<int> poison{0, 7, 8, 255, 499};
  std::set<std::string> poison_ids;
  for (const int number : poison) poison_ids.insert(id(number));
  std::vector<NewRecord> records;
  for (int i = 0; i < kRecords; ++i) {
    records.push_back({.value = value(i, 20),
                       .key = "key-" + std::to_string(i),
                       .headers = {{"trace", "t-" + std::to_string(i)}, {"null", std::nullopt}}});
  }
  produce(broker_.brokers(), topic_, records);
  api_.answer_with(refusing(poison_ids, {.status = 400, .body = R"({"error":"bad\nrecord"})"}));

  SluiceProcess sluice(config("batch: {max_records: 500, linger: 5s}"));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();

  Accounts expected;
  expected.dead.assign(poison_ids.begin(), poison_ids.end());
  EXPECT_EQ(accounts(), expected);
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_THAT(api_.overlaps(), IsEmpty());
  EXPECT_LE(api_.server().request_count(), 5U * (9 + 2) + 1);

  const auto dead = letters();
  ASSERT_THAT(dead, SizeIs(poison.size()));
  for (std::size_t i = 0; i < dead.size(); ++i) {
    const std::string offset = std::to_string(poison[i]);
    EXPECT_EQ(dead[i].key, "key-" + offset);
    EXPECT_EQ(dead[i].value, value(poison[i], 20));
    ASSERT_GE(dead[i].headers.size(), 2U);
    EXPECT_EQ(dead[i].headers[0], (Headers::value_type{"trace", "t-" + offset}));
    EXPECT_EQ(dead[i].headers[1], (Headers::value_type{"null", std::nullopt}));
    EXPECT_EQ(header_of(dead[i], "sluice.id"), "poison/0/" + offset);
    EXPECT_EQ(header_of(dead[i], "sluice.reason"), "rejected");
    EXPECT_EQ(header_of(dead[i], "sluice.status"), "400");
    EXPECT_EQ(header_of(dead[i], "sluice.response"), R"({"error":"bad\nrecord"})");
    EXPECT_EQ(header_of(dead[i], "sluice.pipeline"), "p");
    EXPECT_EQ(header_of(dead[i], "sluice.topic"), "poison");
    EXPECT_EQ(header_of(dead[i], "sluice.partition"), "0");
    EXPECT_EQ(header_of(dead[i], "sluice.offset"), offset);
    EXPECT_NE(header_of(dead[i], "sluice.batch_id"), "(none)");
    EXPECT_NE(header_of(dead[i], "sluice.failed_at"), "(none)");
    for (const auto& [name, text] : dead[i].headers) {
      EXPECT_THAT(name + text.value_or(""), Not(HasSubstr("s3cret")));
    }
  }
  EXPECT_THAT(sluice.log(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(sum_of(sluice, "sluice_dead_letters_total", {R"(reason="rejected")"}), 5);
  EXPECT_EQ(sum_of(sluice, "sluice_dead_letters_total", {}), 5);
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").dead_lettered == 5; }, seconds(5)));
}

TEST_F(DeadLetter, WhatIsNotJsonOrNotOfTheSchemaIsSetAsideWithoutAskingTheApi) {
  make_topics("invalid");
  const TempDir dir;
  const std::string schema = (dir.path() / "schema.json").string();
  std::ofstream(schema) << R"({"type":"object","required":["id","amount"],)"
                           R"("properties":{"amount":{"type":"number"}}})";
  const std::string bytes("\xff\x00{", 3);
  const auto with = [this](int number, const std::string& rest) {
    return R"({"id":")" + id(number) + "\"" + rest;
  };
  produce(broker_.brokers(), topic_,
          {{.value = with(0, R"(,"amount":1})")},
           {.value = with(1, R"(,"amount":)"), .key = "cut"},
           {.value = bytes, .key = "bytes", .headers = {{"h", "v"}}},
           {.value = with(3, R"(,"amount":"much"})"), .key = "type"},
           {.value = with(4, "}"), .key = "missing"},
           {.value = with(5, R"(,"amount":2.5})")}});

  SluiceProcess sluice(config("schema: '" + schema + "'"));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();

  const auto dead = letters();
  ASSERT_THAT(dead, SizeIs(4));
  EXPECT_EQ(dead[0].value, with(1, R"(,"amount":)"));
  EXPECT_EQ(dead[1].value, bytes);
  EXPECT_EQ(dead[1].key, "bytes");
  EXPECT_EQ(header_of(dead[1], "h"), "v");
  EXPECT_EQ(dead[3].key, "missing");
  EXPECT_THAT(reasons(), ElementsAre("not_json", "not_json", "schema", "schema"));
  for (const StoredRecord& letter : dead) {
    EXPECT_THAT(header_of(letter, "sluice.detail"), Not(IsEmpty()));
    EXPECT_THAT(header_of(letter, "sluice.detail"), Not(HasSubstr("much"))) << "a payload's value";
    EXPECT_EQ(header_of(letter, "sluice.attempts"), "0");
  }
  EXPECT_EQ(api_.taken(), (std::map<std::string, int>{{id(0), 1}, {id(5), 1}}));
  EXPECT_THAT(accounts().lost, IsEmpty());
}

// A tombstone and an empty value between two records.
class NullValues : public DeadLetter {
 protected:
  void run(const std::string& policy) {
    make_topics("nulls-" + policy);
    produce(broker_.brokers(), topic_,
            {{.value = value(0)},
             {.value = std::nullopt, .key = "tombstone", .headers = {{"h", "v"}}},
             {.value = "", .key = "empty"},
             {.value = value(3)}});
    SluiceProcess sluice(config("null_values: " + policy));
    ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();
    EXPECT_EQ(sum_of(sluice, "sluice_records_dropped_total", {}), policy == "skip" ? 2 : 0);
    EXPECT_EQ(sum_of(sluice, "sluice_records_delivered_total", {}), policy == "send_null" ? 4 : 2);
    ASSERT_THAT(api_.server().requests(), SizeIs(1));
    body_ = api_.server().requests()[0].body;
  }
  std::string body_;
};

TEST_F(NullValues, AreSetAsideByDefaultAsTheyAre) {
  run("dead_letter");
  EXPECT_EQ(body_, "[" + value(0) + "," + value(3) + "]");
  const auto dead = letters();
  ASSERT_THAT(dead, SizeIs(2));
  EXPECT_EQ(dead[0].value, std::nullopt);
  EXPECT_EQ(dead[0].key, "tombstone");
  EXPECT_EQ(header_of(dead[0], "h"), "v");
  EXPECT_EQ(dead[1].value, "");
  EXPECT_EQ(dead[1].key, "empty");
  EXPECT_THAT(reasons(), ElementsAre("null_value", "null_value"));
}

TEST_F(NullValues, AreDroppedWhereThePolicyIsSkip) {
  run("skip");
  EXPECT_EQ(body_, "[" + value(0) + "," + value(3) + "]");
  EXPECT_THAT(letters(), IsEmpty());
}

TEST_F(NullValues, AreSentAsNullWhereThePolicyIsSendNull) {
  run("send_null");
  EXPECT_EQ(body_, "[" + value(0) + ",null,null," + value(3) + "]");
  EXPECT_THAT(letters(), IsEmpty());
}

// A record of 3 MB between two small ones. Not one that the producer could compress away.
class ThreeMegabytes : public DeadLetter {
 protected:
  std::string large() const {
    std::string padding(3'000'000, ' ');
    std::mt19937 random(1);
    for (char& c : padding) c = static_cast<char>('a' + random() % 26);
    return R"({"id":")" + id(1) + R"(","padding":")" + padding + "\"}";
  }

  void run(const std::string& name, const std::string& keys, const std::string& dead_letter_keys,
           const std::map<std::string, std::string>& of_dead_letters = {}) {
    make_topics(name, {{"max.message.bytes", "8388608"}}, of_dead_letters);
    produce(broker_.brokers(), topic_,
            {{.value = value(0)},
             {.value = large(), .key = "large", .headers = {{"h", "v"}}},
             {.value = value(2)}});
    SluiceProcess sluice(config(keys, dead_letter_keys));
    ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();
    EXPECT_THAT(api_.disorder(), IsEmpty());
    EXPECT_THAT(accounts().lost, IsEmpty());
    dead_ = letters();
  }

  void expect_a_reference() {
    EXPECT_EQ(api_.distinct(), 2);
    EXPECT_FALSE(api_.took(id(1)));
    ASSERT_THAT(dead_, SizeIs(1));
    EXPECT_EQ(dead_[0].value, std::nullopt);
    EXPECT_EQ(dead_[0].key, "large");
    EXPECT_EQ(header_of(dead_[0], "h"), "v");
    EXPECT_EQ(header_of(dead_[0], "sluice.oversized"), std::to_string(large().size()));
    EXPECT_EQ(header_of(dead_[0], "sluice.offset"), "1");
    EXPECT_EQ(header_of(dead_[0], "sluice.reason"), "too_large");
  }

  std::vector<StoredRecord> dead_;
};

TEST_F(ThreeMegabytes, GoAloneWhereMaxRecordBytesAllowsThem) {
  run("large-allowed", "max_record_bytes: 4MiB", "");
  EXPECT_EQ(accounts(), Accounts{});
  const auto requests = api_.server().requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[1].body, "[" + large() + "]");
}

TEST_F(ThreeMegabytes, AreSetAsideAsAReferenceWhereTheyAreAboveBothLimits) {
  run("large-refused", "", "");
  expect_a_reference();
}

TEST_F(ThreeMegabytes, AreSetAsideWholeWhereDeadLettersMayBeThatLarge) {
  run("large-kept", "", ", max_bytes: 4MiB", {{"max.message.bytes", "8388608"}});
  ASSERT_THAT(dead_, SizeIs(1));
  EXPECT_EQ(dead_[0].value, large());
  EXPECT_EQ(header_of(dead_[0], "sluice.oversized"), "(none)");
  EXPECT_EQ(header_of(dead_[0], "sluice.reason"), "too_large");
}

TEST_F(ThreeMegabytes, AreSetAsideAsAReferenceWhereTheBrokerCallsThemTooLarge) {
  run("large-for-broker", "", ", max_bytes: 4MiB", {{"max.message.bytes", "1048588"}});
  expect_a_reference();
}

TEST_F(DeadLetter, ABodyThatIsTooLargeIsHalvedAndOnlyARecordThatIsSoAloneIsSetAside) {
  make_topics("halved");
  for (int i = 0; i < 64; ++i) {
    produce(broker_.brokers(), topic_, {{.value = value(i, i == 20 ? 3'000 : 100)}});
  }
  api_.answer_with([](const SeenRequest& request, const auto&) {
    return Reply{.status = request.body.size() > 2'000 ? 413 : 200};
  });

  SluiceProcess sluice(config("batch: {max_records: 64, linger: 5s}"));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(30))) << sluice.log();

  Accounts expected;
  expected.dead = {id(20)};
  EXPECT_EQ(accounts(), expected);
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_THAT(reasons(), ElementsAre("too_large"));
  EXPECT_EQ(header_of(letters()[0], "sluice.status"), "413");
  EXPECT_EQ(letters()[0].value, value(20, 3'000));
  EXPECT_LE(api_.server().request_count(), 64);
}

}  // namespace
}  // namespace sluice::test
