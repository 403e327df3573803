#include "config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "unit/config/schema_agreement.h"
#include "unit/config/scratch_dir.h"

namespace sluice::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Loader : public testing::Test {
 protected:
  void SetUp() override { setenv("API_TOKEN", "s3cr3t", 1); }
};

std::string texts(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out += problem.text() + "\n";
  return out;
}

Config load(const std::string& yaml, const LoadOptions& options = {}) {
  auto config = load_and_compare(yaml, "test.yaml", options);
  if (config) return std::move(*config);
  ADD_FAILURE() << texts(config.error());
  return {};
}

std::string errors(const std::string& yaml, const LoadOptions& options = {}) {
  const auto config = load_and_compare(yaml, "test.yaml", options);
  return config ? "none" : texts(config.error());
}

// A file with one target and one pipeline, each with something more.
std::string small(const std::string& target = {}, const std::string& pipeline = {},
                  const std::string& kafka = {}) {
  return "kafka: {brokers: [localhost:9092]" + kafka +
         "}\n"
         "targets: {api: {base_url: https://api.example.com" +
         target +
         "}}\n"
         "pipelines: {deposits: {topics: [events.deposit], group: g, target: api, path: /d, "
         "dead_letter: {topic: dlq}" +
         pipeline + "}}\n";
}

TEST_F(Loader, TakesTheShortestUsefulFile) {
  const Config config = load(R"(
kafka: {brokers: [localhost:9092]}
targets:
  data-pipeline:
    base_url: https://api.example.com/apigw/ingest
    auth: {type: hkdf_hmac, token: "${env:API_TOKEN}", account_id: "...", workspace_id: "..."}
pipelines:
  deposits:
    topics: [events.deposit]
    group: sluice-deposits
    target: data-pipeline
    path: /events/deposit
    dead_letter: {topic: events.deposit.dlq}
)");
  EXPECT_EQ(std::get<HkdfHmacAuth>(config.targets.at("data-pipeline").auth.at(0)).token.reveal(),
            "s3cr3t");
  EXPECT_EQ(config.pipelines.at(0).target, "data-pipeline");
}

TEST_F(Loader, TakesTheMinimalFileThatShips) {
  const auto config = load_file(SLUICE_SOURCE_DIR "/config/minimal.yaml", {});
  ASSERT_TRUE(config) << texts(config.error());
  EXPECT_EQ(config->pipelines.size(), 1U);
}

TEST_F(Loader, LeavesTheDefaultsOfTheTable) {
  const Config config = load(small());
  EXPECT_TRUE(config.kafka.properties.empty());
  EXPECT_EQ(config.admin.host, "127.0.0.1");
  EXPECT_EQ(config.admin.port, 9464);
  EXPECT_EQ(config.memory_budget, 256 * kMiB);
  EXPECT_EQ(config.log.level, LogLevel::info);
  EXPECT_EQ(config.log.format, LogFormat::automatic);
  EXPECT_EQ(config.shutdown_timeout, std::chrono::seconds(25));
  EXPECT_FALSE(config.instance_id);
  const Target& target = config.targets.at("api");
  EXPECT_TRUE(target.auth.empty());
  EXPECT_EQ(target.connections, 8U);
  EXPECT_EQ(target.batch_id_header, "Idempotency-Key");
  const Pipeline& pipeline = config.pipelines.at(0);
  EXPECT_EQ(pipeline.method, "POST");
  EXPECT_EQ(pipeline.max_record_bytes, pipeline.batch.max_bytes);
  EXPECT_EQ(pipeline.success.at(0).first, 200);
  EXPECT_EQ(pipeline.success.at(0).last, 299);
  EXPECT_EQ(pipeline.dead_letter->topic, "dlq");
}

TEST_F(Loader, LeavesTheDefaultsOfWhatIsDoneAboutFailures) {
  const Config config = load(small(", rate_limit: [{requests: 1, per: 1s}]"));
  EXPECT_FALSE(config.admin.token);
  const Target& target = config.targets.at("api");
  EXPECT_TRUE(target.rate_limit_headers);
  EXPECT_EQ(target.concurrency.max, 8U);
  EXPECT_FALSE(target.rate_limit.at(0).share_by_group);
  const Pipeline& pipeline = config.pipelines.at(0);
  EXPECT_EQ(pipeline.order, Order::partition);
  EXPECT_EQ(pipeline.retry.attempts, 10U);
  EXPECT_EQ(pipeline.on_exhausted, OnExhausted::dead_letter);
  EXPECT_FALSE(pipeline.max_age);
  EXPECT_FALSE(pipeline.results);
  ASSERT_TRUE(pipeline.refusal_guard);
  EXPECT_EQ(pipeline.refusal_guard->of, 200U);
}

TEST_F(Loader, LetsARecordBeAsLargeAsABatchUnlessSaid) {
  EXPECT_EQ(load(small("", ", batch: {max_bytes: 2MiB}")).pipelines.at(0).max_record_bytes,
            2 * kMiB);
  EXPECT_EQ(load(small("", ", batch: {max_bytes: 2MiB}, max_record_bytes: 3MiB"))
                .pipelines.at(0)
                .max_record_bytes,
            3 * kMiB);
}

TEST_F(Loader, MakesBatchesOfOneForSingleRecords) {
  EXPECT_EQ(load(small("", ", body: json")).pipelines.at(0).batch.max_records, 1U);
  EXPECT_EQ(
      load(small("", ", body: json, batch: {max_records: 1}")).pipelines.at(0).batch.max_records,
      1U);
}

TEST_F(Loader, TakesWhatIsSaidAloud) {
  const Config config = load(small(", tls: {min_version: \"1.3\"}", ", order: partition"));
  EXPECT_EQ(config.targets.at("api").tls.min_version, TlsVersion::v1_3);
  std::string yaml = small("", ", retry: {jitter: full}");
  yaml.replace(yaml.find("{topic: dlq}"), 12, "none");
  EXPECT_FALSE(load(yaml).pipelines.at(0).dead_letter);
  EXPECT_FALSE(load(small("", ", refusal_guard: none")).pipelines.at(0).refusal_guard);
  EXPECT_TRUE(load(small(", rate_limit_headers: auto")).targets.at("api").rate_limit_headers);
  EXPECT_FALSE(load(small(", rate_limit_headers: false")).targets.at("api").rate_limit_headers);
}

TEST_F(Loader, ParksByDefaultWhatHasNoDeadLetterTopic) {
  std::string yaml = small("", ", max_age: 1d, on_exhausted: drop");
  yaml.replace(yaml.find("{topic: dlq}"), 12, "none");
  EXPECT_EQ(load(yaml).pipelines.at(0).on_expired, OnExpired::dead_letter);
}

TEST_F(Loader, LetsALimitBeSharedByTheGroupThatAloneUsesIt) {
  std::string yaml = small(", rate_limit: [{requests: 9, per: 1s, share: group, path: /d}]");
  yaml.insert(yaml.rfind("}\n"),
              ", a: {topics: [a], group: h, target: api, path: /a, dead_letter: none}");
  EXPECT_TRUE(load(yaml).targets.at("api").rate_limit.at(0).share_by_group);
}

TEST_F(Loader, TakesTheBytesThatHoldTheLargestRecordWithWhatIsAroundIt) {
  const auto yaml = [](const std::string& bytes) {
    return small(", rate_limit: [{bytes: " + bytes + ", per: 1s, safety: 100%}]",
                 ", max_record_bytes: 64KiB");
  };
  EXPECT_EQ(load(yaml("65538B")).targets.at("api").rate_limit.at(0).limit, 65538U);
  EXPECT_THAT(errors(yaml("65537B")), HasSubstr("would never go"));
}

TEST_F(Loader, SaysHowALimitOfBytesComesAboutAndWhichWouldDo) {
  const auto yaml = [](const std::string& bytes) {
    return small(", rate_limit: [{bytes: " + bytes + ", per: 1s, safety: 80%, share: 0.5}]",
                 ", max_record_bytes: 64KiB");
  };
  EXPECT_THAT(errors(yaml("100KiB")),
              HasSubstr("targets.api.rate_limit[0]: bytes 102400B x safety 80% x share 0.5 = "
                        "40960B, but the request of one record takes 65538B by "
                        "pipelines.deposits.max_record_bytes, and would never go; write bytes: "
                        "163845B or above, or lower pipelines.deposits.max_record_bytes"));
  EXPECT_NE(errors(yaml("163844B")), "none");
  EXPECT_EQ(errors(yaml("163845B")), "none");
}

TEST_F(Loader, LooksUpOnlyTheSecretsThatAreUsed) {
  const std::string bearer = ", auth: {type: bearer, token: \"${env:NO_SUCH}\"}";
  const std::string yaml = "admin: {token: \"${file:/no/such/file}\"}\n" + small(bearer);
  EXPECT_THAT(errors(yaml), AllOf(HasSubstr("admin.token"), HasSubstr("targets.api.auth.token")));
  EXPECT_EQ(errors(yaml, {.secrets_for = std::vector<std::string>{}}), "none");
  EXPECT_THAT(errors(yaml, {.secrets_for = std::vector<std::string>{"deposits"}}),
              AllOf(HasSubstr("targets.api.auth.token"), Not(HasSubstr("admin.token"))));
  EXPECT_EQ(errors(yaml, {.secrets_for = std::vector<std::string>{"nobody"}}), "none");
}

TEST_F(Loader, WhoAsksARunningOneNeedsTheSecretsOfAdminAlone) {
  const std::string bearer = ", auth: {type: bearer, token: \"${env:NO_SUCH}\"}";
  const std::string yaml = small(bearer, "", ", properties: {sasl.password: \"${env:NO_SUCH}\"}");
  EXPECT_EQ(errors(yaml, {.only_admin_secrets = true}), "none");
  const std::string admin = "admin: {token: \"${file:/no/such/file}\"}\n";
  EXPECT_THAT(errors(admin + yaml, {.only_admin_secrets = true}),
              AllOf(HasSubstr("admin.token"), Not(HasSubstr("NO_SUCH"))));
}

TEST_F(Loader, TheSecretsOfKafkaAreAlwaysUsed) {
  const std::string yaml = small("", "", ", properties: {sasl.password: \"${env:NO_SUCH}\"}");
  EXPECT_THAT(errors(yaml, {.secrets_for = std::vector<std::string>{}}),
              HasSubstr("kafka.properties.sasl.password"));
}

TEST_F(Loader, FindsARecordByTheSameIdInTheAnswerAndInTheRecord) {
  const Config config = load(small("", ", results: {pointer: /failed, id: /event_id}"));
  EXPECT_EQ(config.pipelines.at(0).results->record_id, "/event_id");
}

TEST_F(Loader, AllowsPlainHttpOnThisMachineOrWhenTlsIsOff) {
  const auto with_url = [](const std::string& url, const std::string& more) {
    std::string yaml = small(more);
    return yaml.replace(yaml.find("https://api.example.com"), 23, url);
  };
  EXPECT_EQ(load(with_url("http://localhost:8080/", "")).targets.at("api").base_url,
            "http://localhost:8080");
  for (const char* tls : {", tls: off", ", tls: {off: true}", ", tls: false"}) {
    EXPECT_TRUE(load(with_url("http://api", tls)).targets.at("api").tls.off) << tls;
  }
  EXPECT_NE(errors(with_url("http://api", ", tls: {off: false}")), "none");
}

TEST_F(Loader, AllowsLiteralSecretsOnlyWhenAsked) {
  const std::string yaml = small(", auth: {type: bearer, token: literal}");
  EXPECT_THAT(errors(yaml), HasSubstr("targets.api.auth.token"));
  const Config config = load(yaml, {true, 0});
  EXPECT_EQ(std::get<BearerAuth>(config.targets.at("api").auth.at(0)).token.reveal(), "literal");
}

TEST_F(Loader, AllowsCooperativeAssignmentFromTheVersionThatCanDoIt) {
  const std::string yaml =
      small("", "", ", properties: {partition.assignment.strategy: cooperative-sticky}");
  EXPECT_THAT(errors(yaml, {false, 0x020a00ff}), HasSubstr("before 2.10.1"));
  EXPECT_EQ(
      load(yaml, {false, 0x020a01ff}).kafka.properties.at("partition.assignment.strategy").reveal(),
      "cooperative-sticky");
}

TEST_F(Loader, PassesOtherKafkaPropertiesThroughAsText) {
  const Config config = load(small("", "",
                                   ", properties: {session.timeout.ms: 10000, group.protocol: "
                                   "classic, socket.keepalive.enable: true, sasl.password: "
                                   "\"${env:API_TOKEN}\"}"));
  const auto& properties = config.kafka.properties;
  EXPECT_EQ(properties.at("session.timeout.ms").reveal(), "10000");
  EXPECT_EQ(properties.at("group.protocol").reveal(), "classic");
  EXPECT_EQ(properties.at("socket.keepalive.enable").reveal(), "true");
  EXPECT_EQ(properties.at("sasl.password").reveal(), "s3cr3t");
}

TEST_F(Loader, KeepsPipelinesInTheOrderOfTheFile) {
  std::string yaml = small();
  yaml.insert(
      yaml.rfind("}\n"),
      ", a: {topics: [events.deposit], group: h, target: api, path: /a, dead_letter: none}");
  const Config config = load(yaml);
  ASSERT_EQ(config.pipelines.size(), 2U);
  EXPECT_EQ(config.pipelines[0].name, "deposits");
  EXPECT_EQ(config.pipelines[1].name, "a");
}

TEST_F(Loader, SharesAnchoredMapsBetweenPipelines) {
  const Config config = load(R"(
kafka: {brokers: [localhost:9092]}
targets: {api: {base_url: https://api.example.com}}
pipelines:
  a: {topics: [a], group: a, target: api, path: /a, dead_letter: none, batch: &b {linger: 5ms}}
  b: {topics: [b], group: b, target: api, path: /b, dead_letter: none, batch: *b}
)");
  EXPECT_EQ(config.pipelines.at(1).batch.linger, std::chrono::milliseconds(5));
}

TEST_F(Loader, SaysWhyAFileCannotBeRead) {
  const ScratchDir dir;
  const auto text = [](const std::string& path) {
    const auto config = load_file(path, {});
    return config ? std::string("none") : texts(config.error());
  };
  const std::string missing = (dir.path() / "missing.yaml").string();
  EXPECT_EQ(text(missing), missing +
                               ": the configuration file does not exist; correct the path or "
                               "create the file\n");
  EXPECT_THAT(text(dir.path().string()), HasSubstr("is a directory"));
  EXPECT_THAT(text("/dev/null"), HasSubstr("is not a regular file"));
}

TEST_F(Loader, NamesTheFileAsItWasGiven) {
  const ScratchDir dir;
  const std::string path = dir.write("bad.yaml", "kafka: 1\n");
  const auto config = load_file(path, {});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().at(0).file, path);
}

TEST(ProblemText, HoldsPlaceCauseAndRemedy) {
  EXPECT_EQ((Problem{"a.yaml", 3, 7, "kafka.acks: unknown key", "remove it"}).text(),
            "a.yaml:3:7: kafka.acks: unknown key; remove it");
  EXPECT_EQ((Problem{"a.yaml", 0, 0, "does not exist", ""}).text(), "a.yaml: does not exist");
}

}  // namespace
}  // namespace sluice::config
