// Paths and headers that are made from records: each goes where it says, in order, and one that
// says nothing, or would lead out of the API, is set aside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

using testing::Pair;
using testing::UnorderedElementsAre;

class Routing : public testing::Test {
 protected:
  void start(const std::string& topic, const std::string& path, const std::string& target_keys = "",
             const std::string& pipeline_keys = "") {
    broker_.create_topic(topic + ".dlq", 1);
    std::string config =
        FlowConfig(broker_)
            .target("api", api_.url() + "/v1", target_keys)
            .pipeline("p", topic, "batch: {linger: 20ms}" + pipeline_keys, topic + ".dlq")
            .yaml();
    const std::string fixed = "path: /p";
    config.replace(config.find(fixed), fixed.size(), "path: '" + path + "'");
    sluice_.emplace(config);
  }

  // Ids by the path they were posted to, in order.
  RecordingApi::Answer note_paths() {
    return [this](const SeenRequest& request, const std::vector<std::string>& ids) {
      const std::lock_guard lock(mutex_);
      auto& there = by_path_[request.path];
      there.insert(there.end(), ids.begin(), ids.end());
      if (const auto* tenant = request.header("x-tenant")) tenants_[request.path] = *tenant;
      return request.path.find("gone") == std::string::npos ? Reply{} : Reply{.status = 404};
    };
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> by_path_;
  std::map<std::string, std::string> tenants_;
  RecordingApi api_{note_paths()};
  std::optional<SluiceProcess> sluice_;
};

std::string of_user(const std::string& id, const std::string& user) {
  return R"({"id":")" + id + R"(","user":)" + user + "}";
}

TEST_F(Routing, EachRecordGoesToItsOwnPathInOrder) {
  broker_.create_topic("routes", 1);
  start("routes", "/users/{/user}/events");
  produce(broker_.brokers(), "routes",
          {{.value = of_user("1", R"("ann")")},
           {.value = of_user("2", R"("ann")")},
           {.value = of_user("3", "17")},
           {.value = of_user("4", R"("../admin?x=1")")},
           {.value = of_user("5", R"("ann")")}});
  ASSERT_TRUE(api_.wait_for_distinct(5, seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "routes", seconds(20)));
  EXPECT_THAT(by_path_,
              UnorderedElementsAre(Pair("/v1/users/ann/events", ElementsAre("1", "2", "5")),
                                   Pair("/v1/users/17/events", ElementsAre("3")),
                                   Pair("/v1/users/..%2Fadmin%3Fx%3D1/events", ElementsAre("4"))));
}

TEST_F(Routing, WhatHasNoPathIsDeadLetteredAndTheRestGoesOn) {
  broker_.create_topic("nowhere", 1);
  start("nowhere", "/users/{/user}");
  produce(broker_.brokers(), "nowhere",
          {{.value = of_user("1", R"("ann")")},
           {.value = of_user("2", "null")},
           {.value = of_user("3", R"("..")")},
           {.value = of_user("4", R"("bob")")}});
  ASSERT_TRUE(api_.wait_for_distinct(2, seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "nowhere", seconds(20)));
  EXPECT_THAT(by_path_, UnorderedElementsAre(Pair("/v1/users/ann", ElementsAre("1")),
                                             Pair("/v1/users/bob", ElementsAre("4"))));
  const auto letters = read_topic(broker_.brokers(), "nowhere.dlq");
  ASSERT_EQ(letters.size(), 2U);
  for (const auto& letter : letters) {
    EXPECT_THAT(
        letter.headers,
        testing::Contains(Pair("sluice.reason", testing::Optional(std::string("unroutable")))));
  }
  EXPECT_EQ(sum_of(*sluice_, "sluice_dead_letters_total", {R"(reason="unroutable")"}), 2);
}

TEST_F(Routing, APathThatLeadsNowhereIsTheRecordsFault) {
  broker_.create_topic("not-found", 1);
  start("not-found", "/users/{key}");
  produce(broker_.brokers(), "not-found",
          {{.value = record_value("1"), .key = "ann"},
           {.value = record_value("2"), .key = "gone"},
           {.value = record_value("3"), .key = "ann"}});
  ASSERT_TRUE(api_.wait_for_distinct(2, seconds(20)));
  ASSERT_TRUE(wait_for_commits(broker_, "not-found", seconds(20)));
  EXPECT_EQ(reconcile(broker_, "not-found", {&api_}, "not-found.dlq").dead,
            std::vector<std::string>{"2"});
}

// One partition whose batches are of one record each must not hold up the others.
TEST_F(Routing, PartitionsGoSideBySideAlsoWhereEachRecordHasItsOwnPath) {
  constexpr int kSides = 8;
  constexpr int kEach = 250;
  api_.work_for(std::chrono::milliseconds(20));  // less than a full partition is waited for
  broker_.create_topic("alternating", kSides);
  produce_numbered(broker_, "alternating", kSides, kEach);
  start("alternating", "/users/{key}");
  // One after the other they would take 40 s.
  EXPECT_TRUE(api_.wait_for_distinct(kSides * kEach, seconds(20))) << api_.distinct();
}

TEST_F(Routing, HeadersAreMadeFromRecordsAndCompressedBodiesArriveWhole) {
  broker_.create_topic("headers", 1);
  start("headers", "/{topic}/{partition}",
        "headers: {X-Tenant: 't-{header:tenant}', Content-Type: application/x-own}, compression: "
        "{type: gzip, min_size: 100B}");
  produce(broker_.brokers(), "headers",
          {{.value = record_value("1"), .headers = {{"tenant", "a"}}}});
  ASSERT_TRUE(api_.wait_for_distinct(1, seconds(20)));
  EXPECT_THAT(tenants_, ElementsAre(Pair("/v1/headers/0", "t-a")));
  api_.answer_with([this](const SeenRequest& request, const std::vector<std::string>&) {
    const std::lock_guard lock(mutex_);
    by_path_["encoding"] = {*request.header("content-encoding"), *request.header("content-type"),
                            request.body.substr(0, 2)};
    return Reply{};
  });
  produce(broker_.brokers(), "headers",
          {{.value = record_value("2", 500), .headers = {{"tenant", "a"}}}});
  ASSERT_TRUE(wait_for_commits(broker_, "headers", seconds(20)));
  EXPECT_THAT(by_path_["encoding"], ElementsAre("gzip", "application/x-own", "\x1f\x8b"));
}

}  // namespace
}  // namespace sluice::test
