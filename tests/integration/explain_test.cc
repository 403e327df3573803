// `sluice explain` beside the run that it foretells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "integration/dlq.h"
#include "support/kafka_admin.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

// What the HTTP client adds.
constexpr std::array kOfTheClient = {"host", "user-agent", "accept", "content-length"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// All that the broker knows of.
std::set<std::string> group_names(const std::string& brokers) {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers);
  const rd_kafka_group_list* raw = nullptr;
  const auto ask = [&] {
    return rd_kafka_list_groups(client.get(), nullptr, &raw, kCallTimeoutMs);
  };
  rd_kafka_resp_err_t error = ask();
  // A broker that has just begun to have groups.
  for (int again = 0; again < 50 && error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
       ++again) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    error = ask();
  }
  require(error, "list groups");
  const std::unique_ptr<const rd_kafka_group_list, Destroyer<rd_kafka_group_list_destroy>> list(
      raw);
  std::set<std::string> names;
  for (int i = 0; i < list->group_cnt; ++i) names.insert(list->groups[i].group);
  return names;
}

class ExplainTest : public testing::Test {
 protected:
  Ran explain(const std::string& config, std::vector<std::string> options) {
    std::ofstream(dir_.path() / "sluice.yaml") << config;
    const std::string number = std::to_string(++commands_);
    const ChildProcess::Options made{
        .argv = {sluice_binary(), "explain", (dir_.path() / "sluice.yaml").string(),
                 "--allow-literal-secrets"},
        .env = {},
        .out_file = dir_.path() / ("out" + number),
        .err_file = dir_.path() / ("err" + number)};
    auto with_options = made;
    with_options.argv.insert(with_options.argv.end(), options.begin(), options.end());
    ChildProcess child(with_options);
    const auto status = child.wait(seconds(60));
    return {status ? status->code : -1, read_file(made.out_file), read_file(made.err_file)};
  }
  Ran explain_offset(const std::string& config, std::int64_t offset, std::int32_t partition = 0) {
    return explain(config, {"--partition", std::to_string(partition), "--offset",
                            std::to_string(offset), "--json", "--body"});
  }
  std::string config(const std::string& topic, const std::string& target,
                     const std::string& pipeline) {
    return FlowConfig(broker_)
        .target("api", api_.url(), target)
        .pipeline("p", topic, pipeline, topic + ".dlq")
        .yaml();
  }
  void make_topics(const std::string& topic) {
    broker_.create_topic(topic, 1);
    broker_.create_topic(topic + ".dlq", 1);
  }
  // No group was made, none has committed, nothing was written, and no request was sent.
  void nothing_was_done(const std::string& topic) {
    EXPECT_EQ(api_.server().request_count(), 0U);
    EXPECT_EQ(group_names(broker_.brokers()), groups_before_);
    EXPECT_THAT(end_offsets(broker_.brokers(), topic + ".dlq"), Each(0));
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::set<std::string> groups_before_ = group_names(broker_.brokers());
  RecordingApi api_{RecordingApi::take_all(), {.remember = true}};
  TempDir dir_;
  int commands_ = 0;
};

// The request that a run sends is the one that was foretold.
void expect_same(const rapidjson::Value& foretold, const SeenRequest& sent,
                 const std::string& api_url) {
  EXPECT_EQ(foretold["method"].GetString(), sent.method);
  const std::string url = foretold["url"].GetString();
  EXPECT_EQ(url.substr(0, url.find('?')), api_url + sent.path.substr(0, sent.path.find('?')));
  EXPECT_EQ(url.find('?') == url.npos, sent.path.find('?') == sent.path.npos);
  std::vector<std::string> names;
  for (const auto& [name, value] : sent.headers) {
    const bool of_client =
        std::find(kOfTheClient.begin(), kOfTheClient.end(), name) != kOfTheClient.end();
    if (!of_client) names.push_back(name);
  }
  std::vector<std::string> foretold_names;
  for (const auto& header : foretold["headers"].GetArray()) {
    const std::string name = lower(header["name"].GetString());
    const std::string value = header["value"].GetString();
    foretold_names.push_back(name);
    const std::string* const seen = sent.header(name);
    ASSERT_NE(seen, nullptr) << name;
    if (value != "***") {
      EXPECT_EQ(value, *seen) << name;
    }
  }
  EXPECT_EQ(foretold_names, names);
  EXPECT_EQ(foretold["bytes_on_the_wire"].GetUint64(), sent.body.size());
  if (sent.header("content-encoding") == nullptr) {
    EXPECT_EQ(foretold["body"].GetString(), sent.body);
  }
  EXPECT_EQ(foretold["batch_id"].GetString(), *sent.header("idempotency-key"));
}

struct Way {
  const char* name;
  const char* target;
  const char* pipeline;
  std::uint64_t records;  // of the request
  const char* path = "/p";
};

class ExplainAndRun : public ExplainTest, public testing::WithParamInterface<Way> {};

INSTANTIATE_TEST_SUITE_P(
    Of, ExplainAndRun,
    testing::Values(
        Way{"bearer", "auth: {type: bearer, token: s3cret-token}",
            "batch: {max_records: 4, linger: 10s}", 4},
        Way{"gzip",
            "compression: {type: gzip, min_size: 0B}, auth: {type: hkdf_hmac, token: s3cret-token, "
            "account_id: a1, workspace_id: w2}",
            "batch: {max_records: 4, linger: 10s}", 4},
        Way{"path",
            "headers: {X-Trace: '{header:trace}'}, auth: [{type: api_key, in: query, name: k, "
            "value: "
            "s3cret-token}, {type: basic, user: bob, password: s3cret-token}]",
            "batch: {max_records: 2, linger: 10s}", 2, "'/of/{key}'"},
        Way{"budget",
            "rate_limit: [{records: 20, per: 1s, safety: 100%}], auth: {type: bearer, token: "
            "s3cret-token}",
            "batch: {max_records: 4, linger: 10s}, body: ndjson", 2},
        Way{"invalid", "auth: {type: bearer, token: s3cret-token}",
            "batch: {max_records: 3, linger: 10s}, null_values: skip", 3}),
    [](const auto& way) { return std::string(way.param.name); });

TEST_P(ExplainAndRun, TheRequestIsTheOneThatWasForetold) {
  const std::string topic = std::string("explained-") + GetParam().name;
  make_topics(topic);
  const Headers headers = {
      {"trace", "t"}, {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  std::vector<NewRecord> records;
  for (int i = 0; i < 4; ++i) {
    records.push_back({.value = record_value(record_id(topic, 0, i), 50),
                       .key = i % 2 == 0 ? "even" : "odd",
                       .partition = 0,
                       .headers = headers});
  }
  records.insert(records.begin() + 1, {.value = std::nullopt, .partition = 0});
  if (GetParam().name != std::string("invalid")) records.erase(records.begin() + 1);
  produce(broker_.brokers(), topic, records);
  std::string yaml = config(topic, GetParam().target, GetParam().pipeline);
  yaml.replace(yaml.find("path: /p"), 8, std::string("path: ") + GetParam().path);
  const Ran ran = explain_offset(yaml, 0);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, Not(HasSubstr("s3cret")));
  nothing_was_done(topic);
  const auto document = json(ran.out);
  EXPECT_STREQ(document["record"]["fate"].GetString(), "sent");
  EXPECT_EQ(document["request"]["records"].GetUint64(), GetParam().records);

  SluiceProcess sluice(yaml);
  ASSERT_TRUE(api_.server().wait_for_requests(1, seconds(30))) << sluice.log();
  expect_same(document["request"], api_.server().requests().front(), api_.url());
  EXPECT_THAT(group_names(broker_.brokers()), Contains(group_of(topic)))
      << "that there was none before would say nothing";
}

TEST_F(ExplainTest, ARefusedRecordEndsAsItWasForetold) {
  const std::string topic = "explained-refused";
  make_topics(topic);
  produce(broker_.brokers(), topic,
          {{.value = R"({"id":1})", .partition = 0}, {.value = "not json", .partition = 0}});
  const std::string yaml = config(topic, "", "");
  const Ran ran = explain_offset(yaml, 1);
  EXPECT_EQ(ran.code, 1) << ran.err;
  nothing_was_done(topic);
  const auto document = json(ran.out);
  EXPECT_FALSE(document.HasMember("request"));

  SluiceProcess sluice(yaml);
  ASSERT_TRUE(wait_for_commits(broker_, topic, seconds(30))) << sluice.log();
  const auto letters = read_topic(broker_.brokers(), topic + ".dlq");
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(document["record"]["reason"].GetString(), header_of(letters[0], "sluice.reason"));
  EXPECT_EQ(document["record"]["detail"].GetString(), header_of(letters[0], "sluice.detail"));
}

TEST_F(ExplainTest, ARecordThatIsNotThereIsSaidSo) {
  const std::string topic = "explained-gone";
  make_topics(topic);
  produce_numbered(broker_, topic, 1, 5);
  delete_records(broker_.brokers(), topic, 0, 2);
  const std::string yaml = config(topic, "", "");
  const Ran deleted = explain_offset(yaml, 0);
  EXPECT_EQ(deleted.code, 1);
  EXPECT_THAT(deleted.err, AllOf(HasSubstr("no record at offset 0"), HasSubstr("--offset 2")));
  const Ran to_come = explain_offset(yaml, 5);
  EXPECT_EQ(to_come.code, 1);
  EXPECT_THAT(to_come.err, HasSubstr("no record at offset 5, and none behind it"));
  const Ran partition = explain_offset(yaml, 0, 7);
  EXPECT_EQ(partition.code, 1);
  EXPECT_THAT(partition.err, HasSubstr("has no partition 7"));
  nothing_was_done(topic);
}

TEST_F(ExplainTest, AFileNeedsNoBroker) {
  const std::string yaml =
      "kafka: {brokers: ['127.0.0.1:1']}\n"
      "targets: {api: {base_url: '" +
      api_.url() +
      "'}}\n"
      "pipelines: {p: {topics: [t], group: g, target: api, path: '/of/{key}', dead_letter: "
      "none}}\n";
  const auto file = (dir_.path() / "record.json").string();
  std::ofstream(file) << "{\"a\":1}\n";
  const Ran ran = explain(yaml, {"--record", file, "--key", "x/y", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto document = json(ran.out);
  EXPECT_EQ(document["request"]["url"].GetString(), api_.url() + "/of/x%2Fy");
  EXPECT_STREQ(document["request"]["body"].GetString(), "[{\"a\":1}]");
  EXPECT_EQ(explain(yaml, {"--record", file}).code, 1) << "without a key it has no path";
  EXPECT_EQ(explain(yaml, {}).code, 0);
  const Ran of_topic = explain_offset(yaml, 0);
  EXPECT_EQ(of_topic.code, 1);
  EXPECT_THAT(of_topic.err, AllOf(HasSubstr("no broker answers: "), HasSubstr("127.0.0.1:1/"),
                                  HasSubstr("Connection refused")));
  EXPECT_EQ(api_.server().request_count(), 0U);
}

TEST_F(ExplainTest, NoSecretHasToBeThereAndAPipeGetsWholeLines) {
  const std::string topic = "explained-without-secrets";
  make_topics(topic);
  produce_numbered(broker_, topic, 1, 1);
  const std::string yaml =
      config(topic, "auth: {type: hmac, secret: '${env:SLUICE_TEST_UNSET}'}", "");
  for (const auto& options : {std::vector<std::string>{}, {"--partition", "0", "--offset", "0"}}) {
    const Ran ran = explain(yaml, options);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("X-Signature: ***"), HasSubstr("none was read"),
                               HasSubstr("growing to 10m; no record is set aside\n"),
                               HasSubstr("attempt is spent, the breaker does not count it\n")));
    EXPECT_THAT(ran.out, Not(HasSubstr("\n                "))) << "a line that goes on";
  }
}

TEST_F(ExplainTest, APatternReadsWhatItMatchesAndNoDeadLetters) {
  std::string yaml = config("explain-pattern", "", "");
  const std::string named = "topics: [explain-pattern]";
  const auto at = yaml.find(named);
  ASSERT_NE(at, yaml.npos) << yaml;
  yaml.replace(at, named.size(), "topics: [\"/^explain-pat.*/\"]");
  std::ofstream(dir_.path() / "value") << R"({"id":"a"})";
  const std::string value = dir_.path() / "value";
  EXPECT_EQ(explain(yaml, {"--record", value, "--topic", "explain-pattern"}).code, 0);
  for (const char* other : {"explain-pattern.dlq", "orders", "__consumer_offsets"}) {
    const Ran ran = explain(yaml, {"--record", value, "--topic", other});
    EXPECT_EQ(ran.code, 2) << other;
    EXPECT_THAT(ran.err, HasSubstr("does not read"));
  }
}

TEST_F(ExplainTest, MoreThanAnyRecordIsNotReadToItsEnd) {
  const Ran ran = explain(config("explain-endless", "", ""), {"--record", "/dev/zero"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("larger than 128 MiB"));
}

TEST_F(ExplainTest, AWrongCommandLineIsNamed) {
  const std::string yaml = config("t", "", "");
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--pipeline", "q"},
        {"--offset", "1"},
        {"--partition", "0", "--offset", "-1"},
        {"--record", "/", "--offset", "1"},
        {"--partition", "0", "--offset", "0", "--topic", "other"},
        {"--key", "k"},
        {"--record", "-", "--header", "none"}}) {
    const Ran ran = explain(yaml, wrong);
    EXPECT_EQ(ran.code, 2) << wrong.front() << ran.err;
    EXPECT_NE(ran.err, "");
  }
  EXPECT_THAT(explain(yaml, {"--pipeline", "q"}).err, HasSubstr("there is no pipeline \"q\""));
  EXPECT_EQ(explain(yaml, {"--record", "/no/such/file"}).code, 1);
}

}  // namespace
}  // namespace sluice::test
