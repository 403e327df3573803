// What `sluice run` and `sluice check` say when something is not as it should be: one line, the
// cause and the remedy. The words are what people search for, so they are held here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "integration/checked.h"
#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Nothing listens there.
constexpr const char* kNobody = "127.0.0.1:1";

std::string text_of(const std::string& json_line, const char* member) {
  rapidjson::Document document;
  document.Parse(json_line.data(), json_line.size());
  const auto found = document.FindMember(member);
  return found == document.MemberEnd() ? "" : found->value.GetString();
}

class Errors : public testing::Test {
 protected:
  void SetUp() override {
    topic_ = std::string("errors-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  std::string config(const std::string& url, const std::string& keys = "") const {
    return FlowConfig(broker_).target("api", url, keys).pipeline("p", topic_).yaml();
  }

  std::string without_broker() const {
    std::string yaml = config("http://127.0.0.1:9");
    return yaml.replace(yaml.find(broker_.brokers()), broker_.brokers().size(), kNobody);
  }

  std::string file_of(const std::string& text) const {
    const auto file = dir_.path() / "file";
    std::ofstream(file) << text;
    return file.string();
  }

  // What a run whose one record cannot be delivered says about it, in its log and in /status.
  void expect_failed_request(const std::string& yaml, const std::string& detail,
                             const std::string& remedy) {
    broker_.create_topic(topic_, 1);
    produce_numbered(broker_, topic_, 1, 1);
    SluiceProcess sluice(yaml);
    ASSERT_TRUE(sluice.wait_for_event("request_failed", seconds(30))) << sluice.log();
    EXPECT_THAT(text_of(sluice.events("request_failed").front(), "detail"), detail);
    EXPECT_EQ(text_of(sluice.events("request_failed").front(), "remedy"), remedy);
    ASSERT_TRUE(wait_for_state(sluice, "p", "breaker_open", seconds(30))) << sluice.log();
    EXPECT_THAT(state_of(sluice, "p").detail, StartsWith("target api: " + detail + "; " + remedy));
    EXPECT_TRUE(sluice.running());
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  TempDir dir_;
  std::string topic_;
};

TEST_F(Errors, AFileThatDoesNotExist) {
  const std::string missing = (dir_.path() / "no-such.yaml").string();
  const std::string line =
      missing + ": the configuration file does not exist; correct the path or create the file\n";
  for (const std::string command : {"run", "check"}) {
    const Checked said = run_sluice_on(missing, {command});
    EXPECT_EQ(said.code, 2);
    EXPECT_EQ(said.err, line);
    EXPECT_EQ(said.out, "");
  }
}

TEST_F(Errors, ADirectoryInsteadOfAFile) {
  const std::string folder = dir_.path().string();
  for (const std::string command : {"run", "check"}) {
    const Checked said = run_sluice_on(folder, {command});
    EXPECT_EQ(said.code, 2);
    EXPECT_EQ(said.err, folder + ": the configuration file is a directory; name a file in it\n");
  }
}

TEST_F(Errors, ACommandThatIsMisspelt) {
  const Checked said = run_sluice_on("", {"dmeo"});
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.err, "sluice: there is no command \"dmeo\"; did you mean demo?\n");
}

TEST_F(Errors, ABrokerThatIsDown) {
  EXPECT_THAT(check(without_broker()).of("kafka"),
              ElementsAre("FAIL no broker answers: 127.0.0.1:1/bootstrap: Connect to "
                          "ipv4#127.0.0.1:1 failed: Connection refused; start the brokers, or "
                          "correct the host and port in kafka.brokers"));

  SluiceProcess sluice(without_broker());
  ASSERT_TRUE(wait_for_state(sluice, "p", "broker_unreachable", seconds(30))) << sluice.log();
  EXPECT_EQ(
      state_of(sluice, "p").detail,
      "no broker answers: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection "
      "refused; start the brokers, or correct the host and port in kafka.brokers");
  EXPECT_EQ(state_of(sluice, "p").next, "Kafka is asked again all the time");
  ASSERT_TRUE(sluice.wait_for_event("pipeline_stalled", seconds(10)));
  EXPECT_EQ(text_of(sluice.events("pipeline_stalled").front(), "detail"),
            state_of(sluice, "p").detail);
  EXPECT_EQ(text_of(sluice.events("pipeline_stalled").front(), "next"), state_of(sluice, "p").next);
  EXPECT_TRUE(sluice.running());
}

TEST_F(Errors, ABrokerWithoutAnAddress) {
  std::string yaml = config("http://127.0.0.1:9");
  yaml.replace(yaml.find(broker_.brokers()), broker_.brokers().size(), "no-such-host.invalid:9092");
  EXPECT_THAT(check(yaml).of("kafka"),
              ElementsAre(testing::MatchesRegex(
                  "FAIL no broker answers: no-such-host.invalid:9092/bootstrap: Failed to resolve "
                  "'no-such-host.invalid:9092': [^;]*; correct the host in kafka.brokers")));
}

TEST_F(Errors, ABrokerThatSendsItsClientsElsewhere) {
  const std::map<std::string, std::string> lost = {
      {"advertised.listeners", "PLAINTEXT://no-such-host.invalid:9092"}};
  const KafkaBroker broker(lost);
  const auto lines =
      check(FlowConfig(broker).target("api", "http://127.0.0.1:9").pipeline("p", topic_).yaml())
          .of("kafka");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0],
              StartsWith("FAIL the cluster sends us to no-such-host.invalid:9092, where no broker "
                         "answers: no-such-host.invalid:9092/1: Failed to resolve"));
  EXPECT_THAT(lines[0], HasSubstr("; let this machine reach that address, or correct "
                                  "advertised.listeners of the broker"));
}

TEST_F(Errors, ATopicThatIsMissing) {
  const std::string yaml = config("http://127.0.0.1:9");
  EXPECT_THAT(
      check(yaml).of("pipelines.p.topics"),
      ElementsAre("FAIL topic " + topic_ + ": unknown; create it, or correct pipelines.p.topics"));

  SluiceProcess sluice(yaml);
  ASSERT_TRUE(wait_for_state(sluice, "p", "kafka_error", seconds(30))) << sluice.log();
  const std::string detail = "Subscribed topic not available: " + topic_ +
                             ": Broker: Unknown topic or partition; check that the topic exists "
                             "and that we may read it";
  EXPECT_EQ(state_of(sluice, "p").detail, detail);
  EXPECT_EQ(state_of(sluice, "p").next, "Kafka is asked again all the time");
  EXPECT_EQ(text_of(sluice.events("pipeline_stalled").front(), "detail"), detail);
  EXPECT_TRUE(sluice.running());
}

TEST_F(Errors, AnAdminPortThatIsTaken) {
  const ScriptedServer taken([](const SeenRequest&) { return Reply{}; });
  const std::string address = "127.0.0.1:" + std::to_string(taken.port());
  std::string yaml = config("http://127.0.0.1:9");
  yaml.replace(yaml.find("127.0.0.1:0"), std::string("127.0.0.1:0").size(), address);
  const Checked said = run_sluice(yaml, {"run"});
  EXPECT_EQ(said.code, 1);
  EXPECT_THAT(said.err, EndsWith("\nsluice: cannot listen on " + address +
                                 ": address in use; stop the other process or set "
                                 "admin.listen\n"));
}

TEST_F(Errors, OneTargetThatCannotBeMadeStopsThoseThatCould) {
  const std::string no_pem = file_of("not a certificate");
  const std::string yaml = FlowConfig(broker_)
                               .target("good", "https://127.0.0.1:9")
                               .pipeline("p", topic_)
                               .target("bad", "https://127.0.0.1:9", "tls: {ca: " + no_pem + "}")
                               .pipeline("q", topic_ + ".q")
                               .yaml();
  const Checked said = run_sluice(yaml, {"run"});
  EXPECT_EQ(said.code, 2) << "it ends, and does not wait for the pipeline that could start";
  EXPECT_THAT(said.err, HasSubstr("sluice.yaml: targets.bad.tls: "));
  EXPECT_THAT(said.err, HasSubstr(no_pem));
}

TEST_F(Errors, AHostWithoutAnAddress) {
  const std::string yaml = config("https://no-such-host.invalid");
  EXPECT_THAT(check(yaml).of("targets.api"),
              ElementsAre("FAIL Could not resolve host: no-such-host.invalid; correct the host of "
                          "targets.api.base_url"));
  expect_failed_request(yaml, "resolve: Could not resolve host: no-such-host.invalid",
                        "check the host in base_url, and DNS");
}

TEST_F(Errors, ATargetThatIsDown) {
  const std::string yaml = config(std::string("http://") + kNobody);
  const auto lines = check(yaml).of("targets.api");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], StartsWith("FAIL "));
  EXPECT_THAT(lines[0],
              HasSubstr("; start the API, or correct host and port of targets.api.base_url"));
}

TEST_F(Errors, ACertificateThatHasExpired) {
  const TestCa ca;
  const ScriptedServer api([](const SeenRequest&) { return Reply{}; },
                           {.tls = TlsOptions{.identity = ca.issue("127.0.0.1", seconds(-60))}});
  const std::string yaml = config(api.url(), "tls: {ca: " + file_of(ca.pem()) + "}");
  EXPECT_THAT(check(yaml).of("targets.api"),
              ElementsAre("FAIL SSL certificate problem: certificate has expired; let the "
                          "certificate be renewed by those who run the API"));
  expect_failed_request(yaml, "tls: SSL certificate problem: certificate has expired",
                        "have the certificate renewed");
}

TEST_F(Errors, ACertificateOfAnotherCa) {
  const TestCa ca;
  const TestCa other;
  const ScriptedServer api([](const SeenRequest&) { return Reply{}; },
                           {.tls = TlsOptions{.identity = ca.issue("127.0.0.1")}});
  const std::string yaml = config(api.url(), "tls: {ca: " + file_of(other.pem()) + "}");
  EXPECT_THAT(check(yaml).of("targets.api"),
              ElementsAre("FAIL SSL certificate problem: unable to get local issuer certificate; "
                          "no CA that is trusted here has signed it (tls.ca names others); correct "
                          "targets.api.tls or targets.api.base_url"));
}

TEST_F(Errors, CredentialsThatAreRefused) {
  const ScriptedServer api([](const SeenRequest&) { return Reply{.status = 401}; });
  const Checked said = check(config(
      api.url(),
      "auth: {type: bearer, token: the-token}, health: {path: /health, authenticated: true}"));
  EXPECT_THAT(said.of("targets.api.health"),
              ElementsAre("FAIL GET /health answers 401; the API refuses the credentials: correct "
                          "targets.api.auth and what it refers to"));
  EXPECT_THAT(said.out + said.err, testing::Not(HasSubstr("the-token")));
}

class StandardStreams : public Errors {
 protected:
  // `sluice run`, started by a shell that does `redirections`.
  Checked run_with(const std::string& redirections, seconds timeout) {
    const std::string file = file_of(without_broker());
    ChildProcess child(
        {.argv = {"sh", "-c", "exec \"$0\" run \"$1\" " + redirections, sluice_binary(), file},
         .env = {},
         .out_file = dir_.path() / "out",
         .err_file = dir_.path() / "err"});
    const auto status = child.wait(timeout);
    return {status ? status->code : -1, read_file(dir_.path() / "out"),
            read_file(dir_.path() / "err")};
  }
};

TEST_F(StandardStreams, ALogThatCannotBeWritten) {
  const Checked said = run_with("2>/dev/full", seconds(20));
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.out,
            "sluice: the log cannot be written to standard error; make room there, or send it "
            "elsewhere (2>FILE)\n");
}

TEST_F(StandardStreams, ReportsThatCannotBeWritten) {
  const std::string file = file_of(without_broker());
  ChildProcess child(
      {.argv = {"sh", "-c", "exec \"$0\" check --offline \"$1\" >/dev/full", sluice_binary(), file},
       .env = {},
       .out_file = {},
       .err_file = dir_.path() / "err"});
  const auto status = child.wait(seconds(20));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->code, 1);
  EXPECT_EQ(read_file(dir_.path() / "err"),
            "sluice: standard output cannot be written: No space left on device; make room there, "
            "or send it elsewhere\n");
}

// Who reads has seen enough; the code is that of the check.
TEST_F(StandardStreams, ReadersThatLeave) {
  const std::string file = file_of(without_broker());
  for (const std::string& words : {"check --offline " + file, std::string("help")}) {
    ChildProcess child({.argv = {"bash", "-c", "\"$0\" " + words + " | true; exit ${PIPESTATUS[0]}",
                                 sluice_binary()},
                        .env = {},
                        .out_file = {},
                        .err_file = dir_.path() / "err"});
    const auto status = child.wait(seconds(20));
    ASSERT_TRUE(status.has_value());
    EXPECT_THAT(status->code, testing::AnyOf(0, 141)) << words << ": SIGPIPE, unless it is ignored";
    EXPECT_EQ(read_file(dir_.path() / "err"), "");
  }
}

TEST_F(StandardStreams, NoSocketTakesThePlaceOfAClosedOne) {
  const std::string file = file_of(without_broker());
  ChildProcess child(
      {.argv = {"sh", "-c", "exec \"$0\" run \"$1\" 0<&- 1>&- 2>&-", sluice_binary(), file},
       .env = {},
       .out_file = {},
       .err_file = {}});
  const std::filesystem::path fds = "/proc/" + std::to_string(child.pid()) + "/fd";
  const auto target_of = [&](int fd) {
    std::error_code error;
    return std::filesystem::read_symlink(fds / std::to_string(fd), error).string();
  };
  const auto serves = [&] {
    for (int fd = 0; fd < 64; ++fd) {
      if (target_of(fd).starts_with("socket:")) return true;
    }
    return false;
  };
  ASSERT_TRUE(eventually([&] { return serves() || !child.running(); }, seconds(20)));
  EXPECT_TRUE(child.running());
  for (int fd = 0; fd < 3; ++fd) EXPECT_EQ(target_of(fd), "/dev/null") << fd;
}

}  // namespace
}  // namespace sluice::test
