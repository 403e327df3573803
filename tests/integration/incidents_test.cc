// The commonest incidents, each made for real, and what an operator sees of it: the line of
// /status, the alert, the panel. docs/observability.md has the table that this test holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "integration/load.h"
#include "support/dashboards.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"
#include "support/kafka_cluster.h"
#include "support/prometheus_server.h"
#include "support/tcp_proxy.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace sluice::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr auto kSoon = seconds(60);
constexpr int kFaster = 60;  // minutes of the rules are seconds here
constexpr int kRecords = 120;

const std::filesystem::path kSource(SLUICE_SOURCE_DIR);

struct Incident {
  std::string name;  // of its pipeline, topic and target
  std::string what;  // in words
  std::string state;
  std::string detail;  // a part of the line of /status
  std::string alert;
  std::string dashboard;
  std::string panel;
  std::string also = {};  // a member of the pipeline in /status that says something
};

// A healthy pipeline stands beside them, of which nothing is said.
const std::vector<Incident> kIncidents = {
    {"api-down", "The API is down", "breaker_open", "Couldn't connect to server",
     "SluiceBreakerOpen", "Target", "Breakers"},
    {"api-401", "The API refuses our credentials", "unauthorized", "status 401",
     "SluiceUnauthorized", "Target", "Requests by verdict"},
    {"api-429", "The API asks us to slow down", "throttled", "status 429", "SluiceThrottled",
     "Target", "429s"},
    {"api-hangs", "The API takes requests and does not answer", "awaiting_answer",
     "has not answered for", "SluiceDeliveryLate", "Overview", "Oldest record that waits"},
    {"api-404", "The path is wrong", "misconfigured", "status 404", "SluicePipelineParked",
     "Pipeline", "Standing still"},
    {"bad-records", "Some records are bad", "flowing", "", "SluiceDeadLetters", "Pipeline",
     "Dead letters by reason", "dead_letters"},
    {"no-dlq", "The dead-letter topic is missing", "dead_letter_unwritable", "topic no-dlq.dlq",
     "SluicePipelineParked", "Pipeline", "Dead letters that could not be written"},
    {"retention", "Kafka deleted records before they were read", "offset_out_of_range",
     "records were deleted before they were read", "SluicePipelineParked", "Pipeline",
     "Partitions that stand still, by reason"},
    {"too-many", "More comes than this process sends", "flowing", "", "SluiceLagGrowing",
     "Pipeline", "Lag that more replicas would work off", "scalable_lag"},
    {"certificate", "The client certificate is about to expire", "flowing", "",
     "SluiceCredentialExpiring", "Target", "Client certificates: time left"},
    {"kafka-away", "Kafka cannot be reached", "broker_unreachable", "no broker answers",
     "SluicePipelineParked", "Kafka and process", "Workers that wait for Kafka"},
    {"commits-fail", "Kafka does not take our commits", "commit_failing",
     "the broker does not confirm commits", "SluiceCommitsFailing", "Kafka and process",
     "Batches that no commit covers"},
};

const Incident& incident(const std::string& name) {
  return *std::find_if(kIncidents.begin(), kIncidents.end(),
                       [&](const Incident& one) { return one.name == name; });
}

// The row of the table in docs/observability.md.
std::string row_of(const Incident& one) {
  std::string said = one.detail.empty() ? "" : ": … " + one.detail + " …";
  if (!one.also.empty()) said = ", and `" + one.also + "`";
  return "| " + one.what + " | `" + one.state + "`" + said + " | " + "`" + one.alert + "` | " +
         one.dashboard + ", " + one.panel + " |";
}

class Incidents : public testing::Test {
 protected:
  static std::string rules() {
    return scaled_rules(read_file(kSource / "grafana/alerts/sluice.rules.yaml"), kFaster);
  }

  // Alerts that fire, by the pipeline or target they are about.
  std::map<std::string, std::set<std::string>> firing() const {
    std::map<std::string, std::set<std::string>> by_place;
    for (const auto& alert : prometheus_.alerts()) {
      if (!alert.firing) continue;
      // What comes faster than it goes is late as well, and the 30 s of that rule are 30 s here.
      if (alert.name() == "SluiceDeliveryLate" && alert.labels.at("pipeline") == "too-many")
        continue;
      const auto pipeline = alert.labels.find("pipeline");
      const auto target = alert.labels.find("target");
      const bool of_pipeline = pipeline != alert.labels.end();
      const bool of_target = target != alert.labels.end();
      by_place[of_pipeline ? pipeline->second
               : of_target ? target->second
                           : ""]
          .insert(alert.name());
    }
    return by_place;
  }
  static std::map<std::string, std::set<std::string>> expected(
      const std::vector<std::string>& names) {
    std::map<std::string, std::set<std::string>> by_place;
    for (const auto& name : names) by_place[name].insert(incident(name).alert);
    return by_place;
  }
  // Those and no others fire in the end.
  void expect_alerts(const std::vector<std::string>& names) const {
    const auto wanted = expected(names);
    EXPECT_TRUE(eventually([&] { return firing() == wanted; }, seconds(90), seconds(1)))
        << testing::PrintToString(firing());
  }
  // Its own queries say something of it that is not 0.
  void expect_panel(const Incident& one) const {
    const auto& all = panels();
    const auto panel = std::find_if(all.begin(), all.end(), [&](const Panel& candidate) {
      return candidate.dashboard == "Sluice / " + one.dashboard && candidate.title == one.panel;
    });
    ASSERT_NE(panel, all.end()) << one.dashboard << ", " << one.panel;
    // A rate is 0 until two scrapes enclose a change, and what is tried again waits in between.
    const auto shown = [&] {
      return std::any_of(panel->queries.begin(), panel->queries.end(), [&](const auto& query) {
        const auto samples = prometheus_.query(filled_in(query, variables(one.name)));
        return std::any_of(samples.begin(), samples.end(),
                           [](const auto& sample) { return sample.value > 0; });
      });
    };
    EXPECT_TRUE(eventually(shown, kSoon, milliseconds(500)))
        << one.name << ": " << one.dashboard << ", " << one.panel;
  }
  // Each of them, about everything, shows something, but for those of what is not there.
  void expect_all_panels(const std::set<std::string>& without_data) const {
    for (const auto& panel : panels()) {
      const bool shows =
          std::any_of(panel.queries.begin(), panel.queries.end(), [&](const std::string& query) {
            return !prometheus_.query(filled_in(query, variables(".*"))).empty();
          });
      EXPECT_NE(shows, without_data.contains(panel.title))
          << panel.dashboard << ", " << panel.title;
    }
  }
  static std::map<std::string, std::string> variables(const std::string& of) {
    return {{"namespace", ".*"}, {"job", ".*"},    {"instance", ".*"},
            {"pipeline", of},    {"target", of},   {"topic", ".*"},
            {"datasource", ""},  {"tenant", ".*"}, {"version", ".*"}};
  }
  static const std::vector<Panel>& panels() {
    static const auto all = read_panels(kSource / "grafana/dashboards");
    return all;
  }

  static void expect_state(SluiceProcess& sluice, const Incident& one) {
    const auto shown = [&] {
      const PipelineState state = state_of(sluice, one.name);
      return state.state == one.state && state.detail.find(one.detail) != state.detail.npos &&
             says_also(sluice, one);
    };
    EXPECT_TRUE(eventually(shown, kSoon, milliseconds(200)))
        << one.name << '\n'
        << sluice.status() << tail(sluice.log());
  }
  static bool says_also(SluiceProcess& sluice, const Incident& one) {
    if (one.also.empty()) return true;
    rapidjson::Document document;
    document.Parse(sluice.status().c_str());
    for (const auto& pipeline : document["pipelines"].GetArray()) {
      if (pipeline["name"].GetString() != one.name) continue;
      const auto& said = pipeline[one.also.c_str()];
      return said.IsObject() ? said.MemberCount() > 0 : said.GetInt64() > 0;
    }
    return false;
  }
  static std::string tail(const std::string& log) {
    return log.size() < 3000 ? log : log.substr(log.size() - 3000);
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  PrometheusServer prometheus_{rules()};
};

TEST_F(Incidents, TheTableOfTheDocumentationIsThisOne) {
  const std::string page = read_file(kSource / "docs/observability.md");
  for (const auto& one : kIncidents) EXPECT_THAT(page, HasSubstr(row_of(one) + "\n"));
}

// All those of targets and topics side by side, each with a pipeline of its own.
class Targets : public Incidents {
 protected:
  // A target and a pipeline, both of that name, and records for it.
  void add(const std::string& name, const std::string& url, const std::string& target_keys = "",
           const std::string& keys = "batch: {max_records: 10, linger: 10ms}",
           bool with_dead_letters = true) {
    broker_.create_topic(name, 1);
    if (with_dead_letters) {
      broker_.create_topic(name + ".dlq", 1);
      topics_.push_back(name + ".dlq");
    }
    topics_.push_back(name);
    config_.target(name, url,
                   "circuit_breaker: {open_for: 2s, max_open_for: 2s}" +
                       (target_keys.empty() ? "" : ", " + target_keys));
    config_.pipeline(name, name, keys, name + ".dlq");
    names_.push_back(name);
  }
  RecordingApi& api(const std::string& name, RecordingApi::Answer answer) {
    return *apis_.emplace(name, std::make_unique<RecordingApi>(std::move(answer))).first->second;
  }
  void fill(const std::string& name, std::int64_t age_ms = 0) {
    const std::int64_t now = std::chrono::duration_cast<milliseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
    std::vector<NewRecord> records;
    for (int i = 0; i < kRecords; ++i) {
      records.push_back({.value = record_value(record_id(name, 0, i)),
                         .partition = 0,
                         .timestamp_ms = age_ms == 0 ? 0 : now - age_ms});
    }
    produce(broker_.brokers(), name, records);
  }
  // Of a hundred records it refuses one.
  static Reply refuse_some(const SeenRequest&, const std::vector<std::string>& ids) {
    const bool bad =
        std::any_of(ids.begin(), ids.end(), [](const auto& id) { return id.ends_with("07"); });
    return bad ? Reply{.status = 422} : Reply{};
  }
  void make_all();
  void TearDown() override {
    for (const auto& topic : topics_) delete_topic(broker_.brokers(), topic);
  }

  FlowConfig config_{broker_};
  std::vector<std::string> names_;
  std::vector<std::string> topics_;
  std::map<std::string, std::unique_ptr<RecordingApi>> apis_;
  TestCa ca_;
  TempDir dir_;
};

void Targets::make_all() {
  const auto always = [](Reply reply) { return RecordingApi::always(std::move(reply)); };
  add("healthy", api("healthy", RecordingApi::take_all()).url(),
      "rate_limit: [{requests: 1000, per: 1s}]");
  add("api-down", "http://127.0.0.1:1");
  add("api-401", api("api-401", always({.status = 401})).url());
  add("api-429", api("api-429", always({.status = 429, .headers = {{"Retry-After", "2"}}})).url());
  add("api-hangs", api("api-hangs", always({.fault = Fault::hang})).url(), "timeout: 120s");
  add("api-404", api("api-404", always({.status = 404})).url());
  add("bad-records", api("bad-records", refuse_some).url());
  add("no-dlq", api("no-dlq", refuse_some).url(), "", "batch: {max_records: 10}", false);
  add("retention", api("retention", RecordingApi::take_all()).url());
  add("too-many", api("too-many", RecordingApi::take_all()).url(), "", "batch: {max_records: 1}");
  const Credentials identity = ca_.issue("sluice", hours(24 * 3));
  std::ofstream(dir_.path() / "cert.pem") << identity.cert;
  std::ofstream(dir_.path() / "key.pem") << identity.key;
  add("certificate", api("certificate", RecordingApi::take_all()).url(),
      "tls: {cert: " + (dir_.path() / "cert.pem").string() +
          ", key: " + (dir_.path() / "key.pem").string() + "}");
}

TEST_F(Targets, EachIsSeenForWhatItIsAndForNothingElse) {
  make_all();
  apis_.at("too-many")->work_for(milliseconds(500));
  for (const auto& name : names_) {
    const bool has_load = name == "too-many" || name == "bad-records";
    if (!has_load) fill(name, name == "api-hangs" ? 600'000 : 0);
  }
  commit_offsets(broker_.brokers(), group_of("retention"), "retention", {5});
  broker_.delete_records("retention", 0, 20);
  Load many(broker_, "too-many", 1, 40);
  Load bad(broker_, "bad-records", 1, 100);
  SluiceProcess sluice(config_.yaml());
  prometheus_.scrape({sluice.admin_port()});

  std::vector<std::string> seen;
  for (const auto& name : names_) {
    if (name == "healthy") continue;
    expect_state(sluice, incident(name));
    seen.push_back(name);
  }
  expect_alerts(seen);
  for (const auto& name : seen) expect_panel(incident(name));
  expect_all_panels({"Tokens: time left", "Kafka's client certificate: time left",
                     "Workers that wait for Kafka"});
}

TEST_F(Targets, AnOutageFiresItsAlertAndOnlyThatUntilItIsOver) {
  RecordingApi& mended = api("api-down", RecordingApi::take_all());
  mended.server().stop();
  add("api-down", mended.url());
  Load load(broker_, "api-down", 1, 50);
  SluiceProcess sluice(config_.yaml());
  prometheus_.scrape({sluice.admin_port()});
  expect_state(sluice, incident("api-down"));
  expect_alerts({"api-down"});

  mended.server().restart();
  EXPECT_TRUE(wait_for_state(sluice, "api-down", "flowing", kSoon)) << sluice.status();
  const std::size_t written = load.stop();
  ASSERT_TRUE(wait_for_commits(broker_, "api-down", kSoon)) << sluice.status();
  EXPECT_EQ(mended.distinct(), written);
  expect_alerts({});
}

std::string one_of(const std::string& brokers) { return brokers.substr(0, brokers.find(',')); }

// Each process has a way to Kafka of its own, since they suffer different things.
TEST_F(Incidents, OfKafkaAreSeenAsThatAndAProcessThatIsGoneAsAbsent) {
  TcpProxy proxy;
  const KafkaBroker broker({}, {}, proxy.port());
  proxy.retarget(broker.proxied_port());
  KafkaCluster cluster(3);
  RecordingApi api;
  broker.create_topic("kafka-away", 1);
  cluster.create_topic("commits-fail", 1, 3);
  SluiceProcess away(FlowConfig(broker)
                         .through("127.0.0.1:" + std::to_string(proxy.port()), "")
                         .target("kafka-away", api.url())
                         .pipeline("kafka-away", "kafka-away")
                         .yaml());
  SluiceProcess failing(FlowConfig(broker)
                            .through(one_of(cluster.brokers()), "")
                            .target("commits-fail", api.url())
                            .pipeline("commits-fail", "commits-fail", "batch: {max_records: 10}")
                            .yaml());
  prometheus_.scrape({away.admin_port(), failing.admin_port()});
  ASSERT_TRUE(wait_for_state(away, "kafka-away", "flowing", kSoon)) << away.status();
  ASSERT_TRUE(wait_for_state(failing, "commits-fail", "flowing", kSoon)) << failing.status();

  proxy.set(Trouble::refuse());
  // No commit has as many replicas as it needs now.
  cluster.wait_until_all_in_sync();
  alter_topic_config(cluster.brokers(), "__consumer_offsets", {{"min.insync.replicas", "3"}});
  cluster.node(cluster.coordinator_of(group_of("commits-fail")) % 3 + 1).kill();
  for (int i = 0; i < 20; ++i) {
    produce(cluster.brokers(), "commits-fail", {{.value = record_value(std::to_string(i))}});
  }
  expect_state(away, incident("kafka-away"));
  expect_state(failing, incident("commits-fail"));
  expect_alerts({"kafka-away", "commits-fail"});
  for (const auto* name : {"kafka-away", "commits-fail"}) expect_panel(incident(name));

  away.signal(SIGKILL);
  failing.signal(SIGKILL);
  const std::map<std::string, std::set<std::string>> absent{{"", {"SluiceAbsent"}}};
  EXPECT_TRUE(eventually([&] { return firing() == absent; }, seconds(90), seconds(1)))
      << testing::PrintToString(firing());
}

}  // namespace
}  // namespace sluice::test
