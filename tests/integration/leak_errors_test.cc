// What is wrong with a secret, or next to one, is said without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "integration/marked_secrets.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

// A configuration in which anything may be put out of order.
struct Parts {
  std::string brokers = "127.0.0.1:1";
  std::string properties = "";
  std::string admin = "";
  std::string base_url = "https://127.0.0.1:1";
  std::string target = "auth: {type: bearer, token: '${env:LEAK_TOKEN}'}";
  std::string top = "log: {format: json, level: debug}";

  std::string yaml() const {
    return "kafka: {brokers: ['" + brokers + "'], properties: {" + properties +
           "}}\nadmin: {listen: '127.0.0.1:0'" + admin + "}\n" + top +
           "\ntargets:\n  api: {base_url: '" + base_url + "', " + target +
           "}\npipelines:\n  p: {topics: [t], group: g, target: api, path: /x, "
           "dead_letter: {topic: t.dlq}}\n";
  }
};

class LeakErrors : public testing::Test {
 protected:
  LeakErrors() {
    secrets_.mark("token");
    write("token", secrets_.mark("token"));
    write("two lines", secrets_.mark("token") + "\n" + secrets_.mark("second") + "\n");
    write("control", secrets_.mark("token") + "\x1b[2J");
    write("nul", secrets_.mark("token") + std::string(1, '\0') + "x");
    write("huge", secrets_.mark("token") + std::string(70'000, 'x'));
    write("shut", secrets_.mark("token"));
    std::filesystem::permissions(dir_.path() / "shut", std::filesystem::perms::none);
  }
  void write(const std::string& name, const std::string& content) {
    std::ofstream(dir_.path() / name) << content;
  }
  std::string file(const std::string& name) const { return (dir_.path() / name).string(); }
  std::string mark() { return secrets_.mark("token"); }

  int ran(const std::string& what, const std::string& yaml, std::vector<std::string> arguments,
          bool allow_literal = true) {
    write("sluice.yaml", yaml);
    for (std::string& argument : arguments) {
      if (argument == "FILE") argument = file("sluice.yaml");
    }
    if (allow_literal) arguments.emplace_back("--allow-literal-secrets");
    arguments.insert(arguments.begin(), sluice_binary());
    const std::string number = std::to_string(++commands_);
    const ChildProcess::Options options{.argv = arguments,
                                        .env = {{"LEAK_TOKEN", mark()}},
                                        .out_file = file("out" + number),
                                        .err_file = file("err" + number)};
    ChildProcess child(options);
    const auto status = child.wait(seconds(30));
    said_ = read_file(options.out_file) + read_file(options.err_file);
    EXPECT_NE(said_, "") << what;
    EXPECT_THAT(secrets_.leaks_in(what + ", sluice " + arguments[1], said_), IsEmpty());
    return status ? status->code : -1;
  }
  // By every command that reads a configuration.
  void refused(const std::string& what, const std::string& yaml, bool allow_literal = true) {
    const std::vector<std::vector<std::string>> commands = {
        {"run", "FILE"}, {"check", "FILE", "--offline"}, {"check", "FILE", "--offline", "--json"}};
    for (const auto& command : commands) {
      const int code = ran(what, yaml, command, allow_literal);
      EXPECT_TRUE(code == 1 || code == 2) << what << ": " << code << "\n" << said_;
    }
  }
  static Parts with_target(const std::string& keys) {
    Parts parts;
    parts.target = keys;
    return parts;
  }
  static Parts with_token(const std::string& token) {
    return with_target("auth: {type: bearer, token: " + token + "}");
  }
  static Parts with_url(const std::string& url) {
    Parts parts;
    parts.base_url = url;
    return parts;
  }
  static Parts with_property(const std::string& property) {
    Parts parts;
    parts.properties = property;
    return parts;
  }

  // Runs until `event` was logged `count` times, and searches all that came out.
  void run_until(const std::string& yaml, const std::string& event, std::size_t count = 1) {
    SluiceProcess sluice(yaml, {.env = {{"LEAK_TOKEN", mark()}}});
    EXPECT_TRUE(sluice.wait_for_event(event, seconds(30), count)) << sluice.log();
    secrets_.came_out("/status", sluice.status());
    secrets_.came_out("/metrics", sluice.metrics());
    sluice.signal(SIGTERM);
    EXPECT_TRUE(sluice.wait(seconds(30)).has_value());
    secrets_.came_out("log", sluice.log());
    EXPECT_THAT(secrets_.leaks(), IsEmpty());
  }

  TempDir dir_;
  MarkedSecrets secrets_;
  std::string said_;
  int commands_ = 0;
};

TEST_F(LeakErrors, ReferencesThatLeadNowhere) {
  for (const std::string token : {"'${env:LEAK_NOT_SET}'", "'${file:/nowhere/token}'",
                                  "'${exec:exit 3}'", "'${nothing:x}'"}) {
    refused(token, with_token(token).yaml());
  }
  const std::string exec = "'${exec:printf " + mark();
  for (const std::string end : {"; exit 3}'", " >&2; exit 3}'", "; kill -9 $$}'", " | head -c 0}'",
                                "", "'", " ${env:X}}'"}) {
    refused("exec" + end, with_token(exec + end).yaml());
  }
}

TEST_F(LeakErrors, SecretsThatNoRequestCanCarry) {
  for (const char* name : {"two lines", "control", "nul", "huge"}) {
    refused(name, with_token("'${file:" + file(name) + "}'").yaml());
    refused(name, with_token("'${exec:cat \"" + file(name) + "\"}'").yaml());
    refused(
        name,
        with_target("auth: {type: basic, user: u, password: '${file:" + file(name) + "}'}").yaml());
  }
  if (::geteuid() != 0) refused("shut", with_token("'${file:" + file("shut") + "}'").yaml());
}

TEST_F(LeakErrors, YamlThatIsBrokenNextToASecret) {
  const std::string good = with_token(mark()).yaml();
  refused("no end of the quotes", with_token('"' + mark()).yaml());
  refused("text behind the quotes", with_token('"' + mark() + "\" x").yaml());
  refused("a bracket", with_token("[" + mark()).yaml());
  refused("an escape", with_token("\"\\q" + mark() + '"').yaml());
  refused("an alias", with_token("*" + mark().substr(0, 15)).yaml());
  refused("a tab", good + "\t" + mark() + "\n");
  refused("no key", good + mark() + "\n");
  refused("bytes", with_token("\"" + mark() + "\xff\"").yaml());
  refused("a second document", good + "---\n" + mark() + "\n");
}

TEST_F(LeakErrors, SecretsInTheWrongPlace) {
  const std::string m = mark();
  for (const std::string& keys :
       {"auth: {type: bearer, token: [" + m + "]}", "auth: {type: bearer, token: {" + m + ": 1}}",
        "auth: {type: bearer, token: " + m + ", token: " + m + "}",
        "auth: {type: bearer, tokn: " + m + "}", "auth: {type: bearer, password: " + m + "}",
        "auth: {type: none, token: " + m + "}", "auth: {type: oauth2, client_secret: " + m + "}",
        "auth: " + m, "auth: [" + m + "]", "auth: {type: bearer, token " + m + "}",
        "auth: {type: bearer, token=" + m + "}", "auth: {type: bearer, token:" + m + "}",
        "headers: {Authorization: 'Bearer " + m + "'}, auth: {type: bearer, token: x}",
        "headers: {X-Key: '${env:LEAK_TOKEN}" + m + "'}", "headers: {X-Key: '" + m + "{'}",
        "headers: {X-Key: \"" + m + "\\n\"}"}) {
    refused(keys.substr(0, keys.find(m)), with_target(keys).yaml());
  }
  refused("literal", with_token(m).yaml(), false);
  Parts admin;
  admin.admin = ", token: " + m.substr(0, 12);
  refused("short admin token", admin.yaml());
  admin.admin = ", token: \"" + m + "\\r\\nx\"";
  ran("admin token of two lines", admin.yaml(), {"check", "FILE", "--offline"});
}

TEST_F(LeakErrors, CredentialsInUrls) {
  const std::string m = "user:" + mark() + "@";
  for (const std::string& url :
       {"https://" + m + "host", "https://" + m, "http://" + m + "host", "ftp://" + m + "host",
        "https:/" + m + "host", "https://host/?key=" + mark(), "https://host/#" + mark(),
        m + "host", "https://" + m + "host:99999", "https://ho st/" + mark()}) {
    refused(url.substr(0, 8), with_url(url).yaml());
    refused(url.substr(0, 8), with_target("proxy: '" + url + "'").yaml());
    refused(url.substr(0, 8),
            with_target("proxy: {url: '" + url + "', user: u, password: '" + mark() + "'}").yaml());
    Parts parts;
    parts.brokers = url;
    refused(url.substr(0, 8), parts.yaml());
    parts = {};
    parts.admin = ", listen: '" + url + "'";
    refused(url.substr(0, 8), parts.yaml());
  }
}

TEST_F(LeakErrors, PropertiesThatKafkasClientDoesNotTake) {
  const std::string m = mark();
  for (const std::string& property :
       {"ssl.key.pem: " + m + ", security.protocol: ssl",
        "ssl.certificate.pem: " + m + ", security.protocol: ssl",
        "ssl.ca.pem: '" + m + "', security.protocol: ssl", "sasl.pasword: " + m,
        "sasl.password " + m, "sasl.password=" + m,
        "ssl.keystore.password: " + m + ", ssl.keystore.location: /nowhere, security.protocol: ssl",
        "sasl.jaas.config: 'x required username=\"u\" password=\"" + m + "\";'",
        "sasl.password: [" + m + "]", std::string("sasl.password: '${env:LEAK_TOKEN}x'")}) {
    const std::string yaml = with_property(property).yaml();
    EXPECT_NE(ran(property.substr(0, 20), yaml, {"check", "FILE"}), 0) << said_;
    EXPECT_GT(ran(property.substr(0, 20), yaml, {"run", "FILE"}), 0) << said_;
    ran(property.substr(0, 20), yaml, {"dlq", "list", "FILE"});
  }
}

TEST_F(LeakErrors, TargetsThatCannotBeReached) {
  ScriptedServer unknown_ca([](const SeenRequest&) { return Reply{}; },
                            {.tls = TlsOptions{.identity = self_signed()}});
  ScriptedServer plain([](const SeenRequest&) { return Reply{}; });
  ScriptedServer proxy([&](const SeenRequest& request) {
    secrets_.remember_credentials_of(request);
    return Reply{.status = 407,
                 .headers = {{"x-echo", request.raw_head.substr(0, 40)}},
                 .body = request.raw_head};
  });
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("t", 1);
  broker.create_topic("t.dlq", 1);
  produce(broker.brokers(), "t", {{.value = "{}"}});
  const std::string in_query =
      "auth: {type: api_key, name: key, in: query, value: '" + secrets_.mark("query key") + "'}";
  std::vector<Parts> all = {with_url(unknown_ca.url()), with_url("https" + plain.url().substr(4)),
                            with_url("https://127.0.0.1:1"), with_url("https://nowhere.invalid")};
  for (std::size_t i = 0; i < 4; ++i) {
    all.push_back(all[i]);
    all.back().target = in_query;
  }
  all.push_back(with_target(in_query + ", proxy: {url: '" + proxy.url() +
                            "', user: u, password: '" + secrets_.mark("proxy password") + "'}"));
  for (Parts& parts : all) {
    parts.brokers = broker.brokers();
    EXPECT_EQ(ran(parts.base_url, parts.yaml(), {"check", "FILE"}), 1) << said_;
    ran(parts.base_url, parts.yaml(), {"check", "FILE", "--json"});
    run_until(parts.yaml(), "request_failed");
  }
  EXPECT_GT(proxy.request_count(), 0U);
}

TEST_F(LeakErrors, AWrongPasswordOfKafka) {
  KafkaBroker broker({}, {{"alice", "the-right-one"}});
  Parts parts = with_property(
      "security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, sasl.username: alice, "
      "sasl.password: '${env:LEAK_TOKEN}', debug: all");
  parts.brokers = broker.sasl_brokers();
  EXPECT_EQ(ran("check", parts.yaml(), {"check", "FILE"}), 1) << said_;
  EXPECT_THAT(said_, HasSubstr("uthentication"));
  EXPECT_EQ(ran("dlq", parts.yaml(), {"dlq", "list", "FILE"}), 1) << said_;
  run_until(parts.yaml(), "kafka_error");
}

TEST_F(LeakErrors, CommandsThatNeedNoConfiguration) {
  const std::string token = secrets_.mark("simulator token");
  EXPECT_EQ(ran("version", "", {"--version"}, false), 0);
  for (const std::vector<std::string>& command : {std::vector<std::string>{"--help"},
                                                  {"run", "--help"},
                                                  {"check", "--help"},
                                                  {"demo", "--help"},
                                                  {"dlq", "--help"},
                                                  {"simulate", "--help", "--token", token}}) {
    EXPECT_EQ(ran("help", "", command, false), 0);
  }
  EXPECT_EQ(ran("simulate", "", {"simulate", "--listen", "nowhere", "--token", token}, false), 2);
  EXPECT_EQ(ran("demo", "", {"demo", "--duration", "3s", "--fault", "unauthorized"}, false), 0);
}

}  // namespace
}  // namespace sluice::test
