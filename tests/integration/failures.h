// What the tests of failing targets and suspect records share: one pipeline "p" of one topic, whose
// partitions hold numbered records, and an API that fails as the test wants.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <chrono>
#include <string>
#include <vector>

#include "integration/verdicts.h"

namespace sluice::test {

class FailuresTest : public VerdictsTest {
 protected:
  static constexpr const char* kBatches =
      "batch: {max_records: 20}, retry: {initial: 20ms, max: 100ms, attempts: 4}";

  // "<name>" with so many records in each partition, and "<name>.dlq".
  void make_topics(const std::string& name, int partitions, std::int64_t each) {
    topic_ = name;
    broker_.create_topic(topic_, partitions);
    broker_.create_topic(dlq(), 1);
    produce_numbered(broker_, topic_, partitions, each);
  }
  std::string config(const std::string& keys = kBatches,
                     const std::string& target_keys = kQuickBreaker) const {
    return FlowConfig(broker_)
        .admin_token(kAdminToken)
        .target("api", api_.url(), target_keys)
        .pipeline("p", topic_, keys, dlq())
        .yaml();
  }
  // Whatever holds that record gets `reply`; all else is taken.
  void fail_on(const std::string& id, const Reply& reply) {
    api_.answer_with([=](const SeenRequest&, const std::vector<std::string>& ids) {
      return holds(ids, id) ? reply : Reply{};
    });
  }
  std::vector<std::int64_t> committed() const {
    return committed_offsets(broker_.brokers(), group_of(topic_), topic_);
  }
  bool has_committed(const std::vector<std::int64_t>& offsets) const {
    return eventually([&] { return committed() == offsets; }, std::chrono::seconds(15),
                      std::chrono::milliseconds(100));
  }
  // Everything is committed, each record taken once but those that were set aside.
  void expect_all(SluiceProcess& sluice, const Accounts& accounts_expected = {}) {
    ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
    EXPECT_EQ(accounts(), accounts_expected);
    EXPECT_THAT(api_.disorder(), testing::IsEmpty());
    EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", std::chrono::seconds(5))) << sluice.status();
  }
  static int act(SluiceProcess& sluice, const std::string& action,
                 const std::string& token = kAdminToken) {
    int status = 0;
    sluice.post("/-/pipelines/p/" + action, token, &status);
    return status;
  }
  // What /status says of the target.
  static rapidjson::Document target_of(SluiceProcess& sluice) {
    rapidjson::Document document;
    document.Parse(sluice.status().c_str());
    rapidjson::Document target;
    target.CopyFrom(document["targets"][0], target.GetAllocator());
    return target;
  }
};

}  // namespace sluice::test
