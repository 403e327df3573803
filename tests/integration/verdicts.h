// What the tests of what answers mean share: one pipeline "p" of one topic, and an API that says
// what the test wants.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {

// The value of the header of that name; "(none)" where there is none, or it has no value.
inline std::string header_of(const StoredRecord& record, const std::string& name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) return value.value_or("(none)");
  }
  return "(none)";
}

inline bool holds(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class VerdictsTest : public testing::Test {
 protected:
  static constexpr const char* kAdminToken = "0123456789abcdef";
  static constexpr const char* kQuickBreaker =
      "timeout: 2s, circuit_breaker: {open_for: 1s, max_open_for: 2s}";

  // "<name>" with so many records of so many bytes in its first partition, and "<name>.dlq".
  void make_topic(const std::string& name, std::int64_t records, std::size_t padding = 0,
                  int partitions = 1) {
    topic_ = name;
    broker_.create_topic(topic_, partitions);
    broker_.create_topic(dlq(), 1);
    produce_numbered(broker_, topic_, 1, records, 0, padding);
  }
  std::string dlq() const { return topic_ + ".dlq"; }
  std::string id(std::int64_t number) const { return record_id(topic_, 0, number); }
  std::string config(const std::string& keys) const {
    return FlowConfig(broker_)
        .admin_token(kAdminToken)
        .log_level(log_level_)
        .target("api", api_.url(), kQuickBreaker)
        .pipeline("p", topic_, keys, dlq())
        .yaml();
  }
  std::vector<StoredRecord> letters() const { return read_topic(broker_.brokers(), dlq()); }
  Accounts accounts() const { return reconcile(broker_, topic_, {&api_}, dlq()); }
  // Where nothing else is wrong than that these were set aside.
  static Accounts dead(std::vector<std::string> ids) {
    Accounts expected;
    expected.dead = std::move(ids);
    return expected;
  }
  bool all_committed(std::chrono::seconds timeout = std::chrono::seconds(30)) const {
    return wait_for_commits(broker_, topic_, timeout);
  }
  // No record has an outcome, and it shows why.
  void expect_parked(SluiceProcess& sluice, const std::string& reason, const std::string& detail) {
    ASSERT_TRUE(wait_for_state(sluice, "p", reason, std::chrono::seconds(30)))
        << sluice.status() << sluice.log();
    EXPECT_THAT(state_of(sluice, "p").detail, testing::HasSubstr(detail));
    EXPECT_THAT(committed_offsets(broker_.brokers(), group_of(topic_), topic_),
                testing::Each(testing::Le(0)));
    EXPECT_THAT(letters(), testing::IsEmpty());
  }
  // The API is mended: everything flows by itself, each record once.
  void expect_healed(SluiceProcess& sluice) {
    api_.answer_with(RecordingApi::take_all());
    ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
    EXPECT_EQ(accounts(), Accounts{});
    EXPECT_THAT(api_.disorder(), testing::IsEmpty());
    EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", std::chrono::seconds(5)));
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string log_level_ = "info";
  std::string topic_;
  RecordingApi api_{RecordingApi::take_all(), {.remember = true}};
};

}  // namespace sluice::test
