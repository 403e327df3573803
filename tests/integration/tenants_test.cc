// Tenants of one target: each signed for by its own credentials, and none held up by another's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

#include "integration/flow.h"
#include "integration/keyed.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr seconds kSoon(30);
constexpr const char* kToken = "a-token-of-an-admin";
constexpr std::int32_t kPartitions = 2;

// An API that knows the token of each tenant, and takes no request that holds records of two.
class Verifier {
 public:
  explicit Verifier(std::map<std::string, std::string> tokens) : tokens_(std::move(tokens)) {}

  Reply judge(const SeenRequest& request) {
    const auto tenants = tenants_of(request.body);
    const std::string* const sent = request.header("authorization");
    const std::lock_guard lock(mutex_);
    if (tenants.size() != 1) mixed_.push_back(request.body);
    const auto known = tokens_.find(*tenants.begin());
    const bool good = tenants.size() == 1 && known != tokens_.end() && sent != nullptr &&
                      *sent == "Bearer " + known->second;
    if (!good) ++refused_[*tenants.begin()];
    return {.status = good ? 200 : 401};
  }
  std::vector<std::string> mixed() const {
    const std::lock_guard lock(mutex_);
    return mixed_;
  }
  std::map<std::string, int> refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  static std::set<std::string> tenants_of(const std::string& body) {
    const std::string name = R"("tenant":")";
    std::set<std::string> tenants;
    for (auto at = body.find(name); at != body.npos; at = body.find(name, at + 1)) {
      const auto first = at + name.size();
      tenants.insert(body.substr(first, body.find('"', first) - first));
    }
    return tenants;
  }

  const std::map<std::string, std::string> tokens_;
  mutable std::mutex mutex_;
  std::vector<std::string> mixed_;
  std::map<std::string, int> refused_;
};

class Tenants : public testing::Test {
 protected:
  Tenants() {
    broker_.create_topic(topic_, kPartitions);
    for (const char* name : {"acme", "bolt", "cup"}) write_token(name, std::string(name) + "-key");
  }

  static std::string name_of_test() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '-');
    return name;
  }
  void write_token(const std::string& tenant, const std::string& token) const {
    const auto file = dir_.path() / tenant;
    std::ofstream(file.string() + ".new") << token;
    std::filesystem::rename(file.string() + ".new", file);
  }
  std::string config(const std::vector<std::string>& tenants, const std::string& more = "",
                     const std::string& pipeline = "", const std::string& dlq = "") const {
    std::string of;
    for (const std::string& name : tenants) {
      of += (of.empty() ? "" : ", ") + name +
            ": {type: bearer, token: '${file:" + (dir_.path() / name).string() + "}'}";
    }
    FlowConfig made(broker_);
    made.admin_token(kToken)
        .target("api", api_.url(), "tenants: {by: /tenant, of: {" + of + "}" + more + "}")
        .pipeline("p", topic_, "batch: {max_records: 5, linger: 10ms}" + pipeline, dlq);
    return made.yaml();
  }
  // To each partition so many more of each.
  void produce(const std::vector<std::string>& tenants, int each) {
    TopicWriter writer(broker_.brokers(), topic_);
    for (int i = 0; i < each; ++i, ++number_) {
      for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
        for (const std::string& name : tenants) {
          const std::string lane = "p" + std::to_string(partition) + name;
          const std::string id = topic_ + "-" + lane + "-" + std::to_string(number_);
          writer.add({.value = R"({"id":")" + id + R"(","tenant":")" + name + R"("})",
                      .key = id,
                      .partition = partition});
        }
      }
    }
    writer.flush();
  }
  std::size_t taken(const std::string& tenant) const {
    std::size_t count = 0;
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      count += taken_of(api_, topic_, "p" + std::to_string(partition) + tenant);
    }
    return count;
  }
  void reload(SluiceProcess& sluice, const std::string& yaml) {
    sluice.write_config(yaml);
    int status = 0;
    const std::string said = sluice.post("/-/reload", kToken, &status);
    EXPECT_EQ(status, 200) << said;
    EXPECT_THAT(said, testing::Not(HasSubstr("anew")));
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::string topic_ = "tenants-" + name_of_test();
  TempDir dir_;
  Verifier verifier_{{{"acme", "acme-key"}, {"bolt", "bolt-key"}, {"cup", "cup-key"}}};
  RecordingApi api_{
      [this](const SeenRequest& request, const auto&) { return verifier_.judge(request); }};
  int number_ = 0;
};

// The order of the pipeline.
class TenantsInOrder : public Tenants, public testing::WithParamInterface<const char*> {};

TEST_P(TenantsInOrder, ARefusedOneStandsAloneUntilItsTokenIsRight) {
  write_token("cup", "wrong");
  SluiceProcess sluice(config({"acme", "bolt", "cup"}, "", std::string(", order: ") + GetParam()));
  produce({"acme", "bolt", "cup"}, 100);
  ASSERT_TRUE(api_.wait_for_distinct(400, kSoon)) << sluice.status() << sluice.log();
  produce({"acme", "bolt"}, 100);
  ASSERT_TRUE(api_.wait_for_distinct(800, kSoon)) << sluice.status();
  EXPECT_EQ(taken("cup"), 0U);
  ASSERT_TRUE(wait_for_state(sluice, "p", "unauthorized", kSoon)) << sluice.status();
  EXPECT_THAT(state_of(sluice, "p").detail,
              AllOf(HasSubstr("tenant cup: status 401"), HasSubstr("other tenants go on")));
  EXPECT_EQ(state_of(sluice, "p").next, "one request tries again");
  EXPECT_THAT(state_of(sluice, "p").tenants, ElementsAre("cup"));
  const std::map<std::int32_t, std::string> both{{0, "unauthorized"}, {1, "unauthorized"}};
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").reasons == both; }, kSoon))
      << sluice.status();
  EXPECT_THAT(verifier_.refused(), SizeIs(1));
  for (const std::string& line : sluice.events("breaker_opened")) {
    EXPECT_THAT(line, HasSubstr(R"("tenant":"cup")"));
  }

  write_token("cup", "cup-key");
  ASSERT_TRUE(api_.wait_for_distinct(1000, kSoon)) << sluice.status() << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon)) << sluice.status();
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", kSoon)) << sluice.status();
  EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
  EXPECT_THAT(verifier_.mixed(), IsEmpty());
  if (std::string(GetParam()) == "partition") {
    EXPECT_THAT(api_.disorder(), IsEmpty());
  }
  EXPECT_EQ(sluice.metric(R"(sluice_credential_changes_total{target="api",tenant="cup"})"), 1);
}

INSTANTIATE_TEST_SUITE_P(Orders, TenantsInOrder, testing::Values("partition", "key", "none"),
                         [](const auto& test) { return std::string(test.param); });

TEST_F(Tenants, AnUnknownOneStandsUntilAReloadAddsIt) {
  SluiceProcess sluice(config({"acme", "bolt"}));
  produce({"acme", "bolt", "cup"}, 50);
  ASSERT_TRUE(api_.wait_for_distinct(200, kSoon)) << sluice.status() << sluice.log();
  ASSERT_TRUE(wait_for_state(sluice, "p", "unauthorized", kSoon)) << sluice.status();
  EXPECT_THAT(state_of(sluice, "p").detail,
              HasSubstr("tenant cup is not in targets.api.tenants; add it and reload, or set "
                        "unknown: dead_letter"));
  reload(sluice, config({"acme", "bolt", "cup"}));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon)) << sluice.status() << sluice.log();

  const std::string of_bolt = R"(sluice_credential_newest_refused{target="api",tenant="bolt"})";
  EXPECT_EQ(sluice.metric(of_bolt), 0);
  reload(sluice, config({"acme", "cup"}));
  EXPECT_EQ(sluice.metric(of_bolt), std::nullopt) << "nobody has to look at it any more";
  produce({"acme", "bolt", "cup"}, 50);
  ASSERT_TRUE(api_.wait_for_distinct(500, kSoon)) << sluice.status();
  ASSERT_TRUE(wait_for_state(sluice, "p", "unauthorized", kSoon)) << sluice.status();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr("tenant bolt is not in"));
  reload(sluice, config({"acme", "bolt", "cup"}));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon)) << sluice.status();

  EXPECT_EQ(reconcile(broker_, topic_, {&api_}), Accounts{});
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_THAT(verifier_.refused(), IsEmpty());
  EXPECT_THAT(sluice.events("partitions_assigned"), SizeIs(1)) << "nothing began anew";
}

TEST_F(Tenants, AnUnknownOneIsDeadLetteredWhereThatIsThePolicy) {
  const std::string letters = topic_ + ".dlq";
  broker_.create_topic(letters, 1);
  SluiceProcess sluice(config({"acme", "bolt"}, ", unknown: dead_letter", "", letters));
  produce({"acme", "cup", "bolt"}, 50);
  ASSERT_TRUE(wait_for_commits(broker_, topic_, kSoon)) << sluice.status() << sluice.log();
  const Accounts accounts = reconcile(broker_, topic_, {&api_}, letters);
  EXPECT_THAT(accounts.dead, SizeIs(100));
  EXPECT_THAT(accounts.lost, IsEmpty());
  EXPECT_THAT(accounts.repeated, IsEmpty());
  EXPECT_EQ(api_.distinct(), 200U);
  EXPECT_EQ(taken("cup"), 0U);
  EXPECT_THAT(verifier_.refused(), IsEmpty());
}

}  // namespace
}  // namespace sluice::test
