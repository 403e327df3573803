// Every way to give Sluice a secret, APIs that echo all they are sent, and a search of everything
// that came out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <set>

#include "integration/marked_secrets.h"
#include "support/eventually.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// How each target proves itself; the topics, targets and pipelines have these names.
const std::vector<std::string> kKinds = {"bearer", "basic", "apikey", "query",
                                         "hkdf",   "hmac",  "oauth2", "proxied"};

std::string in_json(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '/') out += '\\';  // "/" as PHP does
    out += c == '\r' || c == '\n' ? ' ' : c;
  }
  return out;
}

// All that it was sent, raw and in JSON, after so much filling that excerpts end anywhere in it.
Reply echo(int status, const SeenRequest& request) {
  Reply reply{.status = status};
  std::string all;
  for (const auto& [name, value] : request.headers) {
    reply.headers.emplace_back("x-echo-" + name, value);
    if (name.find("authorization") != name.npos || name.starts_with("x-")) {
      reply.headers.emplace_back("x-request-id", value);
    }
    all += name + "=" + value + "; ";
  }
  reply.body = std::string(static_cast<std::size_t>(request.number) * 61 % 1000, '.') + " " + all +
               request.path + " {\"head\":\"" + in_json(request.raw_head) + "\"} " + request.body;
  return reply;
}

class Leak : public testing::Test {
 protected:
  static KafkaBroker& broker() {
    static KafkaBroker made({}, {{"alice", secrets().mark("kafka password")}});
    static const bool ready = [] {
      for (const std::string& kind : kKinds) {
        made.create_topic(kind, 1);
        made.create_topic(kind + ".dlq", 1);
        for (const std::string& topic : {kind, kind + ".dlq"}) {
          made.allow("alice", KafkaBroker::Operation::read, KafkaBroker::Resource::topic, topic);
          made.allow("alice", KafkaBroker::Operation::write, KafkaBroker::Resource::topic, topic);
        }
        made.allow("alice", KafkaBroker::Operation::read, KafkaBroker::Resource::group, kind);
      }
      return true;
    }();
    EXPECT_TRUE(ready);
    return made;
  }
  static MarkedSecrets& secrets() {
    static MarkedSecrets made;
    return made;
  }

  Leak() {
    std::ofstream(dir_.path() / "password") << secrets().mark("basic password") << '\n';
    std::ofstream(dir_.path() / "KEY") << secrets().mark("api key");
    env_ = {{"LEAK_TOKEN", secrets().mark("bearer token")},
            {"LEAK_QUERY", secrets().mark("query key")},
            {"LEAK_SIGNING", secrets().mark("signing secret")},
            {"LEAK_CLIENT", secrets().mark("client secret")},
            {"LEAK_KAFKA", secrets().mark("kafka password")},
            {"LEAK_KEY", secrets().mark("ssl key password")},
            {"LEAK_PROXY", secrets().mark("proxy password")}};
  }

  static std::string target(const std::string& name, const std::string& url,
                            const std::string& keys) {
    return "  " + name + ": {base_url: '" + url + "', " + keys +
           ", timeout: 2s, circuit_breaker: {open_for: 500ms, max_open_for: 500ms}}\n";
  }
  std::string targets() {
    const std::string url = api_->url();
    const std::string folder = dir_.path().string();
    return target("bearer", url, "auth: {type: bearer, token: '${env:LEAK_TOKEN}'}") +
           target("basic", url,
                  "auth: {type: basic, user: bob, password: '${file:" + folder + "/password}'}") +
           target("apikey", url,
                  "auth: {type: api_key, name: X-Api-Key, value: '${dir:" + folder + "/KEY}'}") +
           target("query", url,
                  "auth: {type: api_key, name: key, in: query, value: "
                  "'${exec:printf %s \"$LEAK_QUERY\"}'}") +
           target("hkdf", url,
                  "compression: gzip, auth: {type: hkdf_hmac, account_id: '42', workspace_id: '7', "
                  "token: '" +
                      secrets().mark("hkdf token") + "'}") +
           target("hmac", url,
                  "auth: [{type: hmac, secret: '${env:LEAK_SIGNING}', timestamp_header: X-Time, "
                  "header: X-Hmac-Signature, value: 'v1 {signature}', "
                  "string_to_sign: '{timestamp}.{body}'}, {type: bearer, token: "
                  "'${env:LEAK_TOKEN}'}]") +
           target("oauth2", url,
                  "auth: {type: oauth2, token_url: '" + tokens_->url() +
                      "/token', client_id: sluice, client_secret: '${env:LEAK_CLIENT}'}") +
           target("proxied", "http://127.0.0.1:1",
                  "proxy: {url: '" + url + "', user: carol, password: '${env:LEAK_PROXY}'}");
  }
  std::string config(const std::string& format) {
    std::string yaml =
        "kafka: {brokers: ['" + broker().sasl_brokers() +
        "'], properties: {security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, "
        "sasl.username: alice, sasl.password: '${env:LEAK_KAFKA}', ssl.key.password: "
        "'${env:LEAK_KEY}', debug: 'all'}}\nadmin: {listen: '127.0.0.1:0', token: '" +
        secrets().mark("admin token") + "'}\nlog: {format: " + format +
        ", level: debug}\ntargets:\n" + targets() + "pipelines:\n";
    for (const std::string& kind : kKinds) {
      yaml += "  " + kind + ": {topics: [" + kind + "], group: " + kind + ", target: " + kind +
              ", path: /" + kind + ", refusal_guard: none, batch: {max_records: 1}, " +
              "dead_letter: {topic: " + kind + ".dlq}}\n";
    }
    return yaml;
  }

  // What `sluice` with these arguments says, the configuration's file among them as "FILE".
  int ran(std::vector<std::string> arguments) {
    const std::string number = std::to_string(++commands_);
    std::string name;
    for (std::string& argument : arguments) {
      name += " " + argument;
      if (argument == "FILE") argument = (dir_.path() / "sluice.yaml").string();
    }
    std::ofstream(dir_.path() / "sluice.yaml") << config("json");
    arguments.insert(arguments.begin(), sluice_binary());
    const ChildProcess::Options options{.argv = arguments,
                                        .env = env_,
                                        .out_file = dir_.path() / ("out" + number),
                                        .err_file = dir_.path() / ("err" + number)};
    ChildProcess child(options);
    const auto status = child.wait(seconds(60));
    const std::string said = read_file(options.out_file) + read_file(options.err_file);
    EXPECT_NE(said, "") << name;
    secrets().came_out("sluice" + name, said);
    return status ? status->code : -1;
  }

  void ask_every_endpoint(SluiceProcess& sluice, const std::string& when) {
    for (const std::string path : {"/metrics", "/status", "/livez", "/readyz", "/", "/nothing",
                                   "/metrics?token=x", "/-/pipelines/bearer/retry"}) {
      secrets().came_out(when + ": GET " + path, sluice.get(path));
    }
    const std::string token = secrets().mark("admin token");
    for (const std::string& given : {token, std::string(), "wrong" + token, token.substr(1)}) {
      for (const std::string action : {"retry", "dead-letter", "resume-from", "no-such-action"}) {
        int status = 0;
        const std::string said = sluice.post("/-/pipelines/bearer/" + action, given, &status);
        EXPECT_EQ(status == 401, given != token) << said;
        secrets().came_out(when + ": POST " + action, said);
      }
    }
  }

  void produce_to_all(int records) {
    for (const std::string& kind : kKinds) {
      std::vector<NewRecord> made;
      for (int i = 0; i < records; ++i)
        made.push_back({.value = R"({"n":)" + std::to_string(i) + "}"});
      produce(broker().brokers(), kind, made);
    }
  }
  // Answers so from now on, and returns when each of the pipelines has heard it.
  void answer(int status) {
    status_ = status;
    api_->forget();
    const auto heard_by_all = [&] {
      std::set<std::string> heard;
      for (const SeenRequest& request : api_->requests()) heard.insert(kind_of(request));
      return heard.size() == kKinds.size();
    };
    ASSERT_TRUE(eventually(heard_by_all, seconds(40))) << status;
    ASSERT_TRUE(api_->wait_for_answers(kKinds.size(), seconds(10)));
  }
  // A proxy is asked for all of the URL.
  static std::string kind_of(const SeenRequest& request) {
    const std::string path = request.path.substr(0, request.path.find('?'));
    return path.substr(path.rfind('/') + 1);
  }
  static bool all_letters(std::size_t each) {
    return eventually(
        [&] {
          for (const std::string& kind : kKinds) {
            const auto ends = end_offsets(broker().brokers(), kind + ".dlq");
            if (ends.at(0) < static_cast<std::int64_t>(each)) return false;
          }
          return true;
        },
        seconds(60));
  }
  // Returns how many of them hold something of an echo.
  static std::size_t search_letters() {
    std::size_t echoes = 0;
    for (const std::string& kind : kKinds) {
      for (const auto& letter : read_topic(broker().brokers(), kind + ".dlq")) {
        std::string all;
        for (const auto& [name, value] : letter.headers)
          all += name + ": " + value.value_or("") + "\n";
        echoes += all.find("[redacted]") != all.npos ? 1 : 0;
        secrets().came_out("dead letter of " + kind, all + letter.key.value_or(""));
      }
    }
    return echoes;
  }
  // Through 500s and 401s to dead letters, asked for everything on the way.
  void suffer(SluiceProcess& sluice, bool with_endpoints, std::size_t letters) {
    for (const int status : {500, 401, 429, 400}) {
      answer(status);
      if (with_endpoints) ask_every_endpoint(sluice, std::to_string(status));
    }
    EXPECT_TRUE(all_letters(letters));
    if (with_endpoints) ask_every_endpoint(sluice, "at the end");
    sluice.signal(SIGTERM);
    EXPECT_TRUE(sluice.wait(seconds(30)).has_value());
    secrets().came_out("log", sluice.log());
  }

  TempDir dir_;
  std::map<std::string, std::string> env_;
  std::atomic<int> status_ = 500;
  std::unique_ptr<ScriptedServer> api_ =
      std::make_unique<ScriptedServer>([this](const SeenRequest& request) {
        secrets().remember_credentials_of(request);
        return echo(status_, request);
      });
  // Gives its token, and says all that it was sent while the API refuses it.
  std::unique_ptr<ScriptedServer> tokens_ =
      std::make_unique<ScriptedServer>([this](const SeenRequest& request) {
        secrets().remember_credentials_of(request);
        if (status_ == 401) return echo(400, request);
        return Reply{.headers = {{"Content-Type", "application/json"}},
                     .body = R"({"token_type":"bearer","expires_in":3600,"access_token":")" +
                             secrets().mark("access token") + "\"}"};
      });
  int commands_ = 0;
};

TEST_F(Leak, TheSearchFindsWhatIsPlanted) {
  MarkedSecrets planted;
  const std::string mark = planted.mark("planted");
  const std::vector<std::string> ways = {mark,
                                         "before" + mark + "after",
                                         mark.substr(0, 10),
                                         mark.substr(30),
                                         in_json(mark),
                                         mark.substr(0, 15) + "%2F" + mark.substr(16),
                                         mark.substr(0, 15) + "\\u002f" + mark.substr(16)};
  for (const std::string& way : ways) EXPECT_THAT(planted.leaks_in("", way), Not(IsEmpty())) << way;
  planted.came_out("somewhere", "text " + mark);
  EXPECT_THAT(planted.leaks(), Contains(AllOf(HasSubstr("somewhere"), HasSubstr("planted"))));
  EXPECT_THAT(planted.leaks_in("", "text of another kind, " + mark.substr(0, 9)), IsEmpty());
}

TEST_F(Leak, TheSearchFindsEncodedSecrets) {
  MarkedSecrets planted;
  SeenRequest request;
  request.headers = {{"authorization", "Basic Y2Fyb2w6aGVsbG8gd29ybGQ="},
                     {"x-hmac-signature", "hello_world,_hello"}};
  planted.remember_credentials_of(request);
  EXPECT_THAT(planted.leaks_in("", "bad: Y2Fyb2w6aGVsbG8gd29ybGQ="), Not(IsEmpty()));
  for (const char* base64 : {"aGVsbG9fd29ybGQsX2hlbGxv",
                             "eGhlbGxvX3dvcmxkLF9oZWxsbw==", "eHhoZWxsb193b3JsZCxfaGVsbG8="}) {
    EXPECT_THAT(planted.leaks_in("", base64), Contains(HasSubstr("base64"))) << base64;
  }
  for (const char* hex : {"68656c6c6f5f776f726c642c", "68656C6C6F5F776F726C642C"}) {
    EXPECT_THAT(planted.leaks_in("", hex), Contains(HasSubstr("hex"))) << hex;
  }
}

TEST_F(Leak, NothingSecretComesOutOfAPipelineWhoseApiEchoesAllThatItIsSent) {
  constexpr std::size_t kEach = 10;
  produce_to_all(kEach);
  {
    SluiceProcess sluice(config("json"), {.env = env_});
    ASSERT_NO_FATAL_FAILURE(suffer(sluice, true, kEach));
  }
  produce_to_all(2);
  status_ = 500;
  {
    SluiceProcess sluice(config("text"), {.env = env_});
    ASSERT_NO_FATAL_FAILURE(suffer(sluice, false, kEach + 2));
  }
  EXPECT_GT(search_letters(), kKinds.size() * kEach / 2) << "the echoes were not there to be found";
  const std::size_t configured = 8;
  EXPECT_GT(secrets().known(), configured + kEach) << "signatures and credentials that were sent";
  EXPECT_EQ(ran({"dlq", "list", "FILE", "--allow-literal-secrets"}), 0);
  EXPECT_EQ(ran({"dlq", "list", "FILE", "--allow-literal-secrets", "--json"}), 0);
  for (const std::string& kind : kKinds) {
    for (const std::vector<std::string>& flags :
         {std::vector<std::string>{}, {"--json"}, {"--payload"}, {"--payload", "--json"}}) {
      std::vector<std::string> show = {"dlq",        "show", "FILE", "--allow-literal-secrets",
                                       "--pipeline", kind,   "--at", "0:3"};
      show.insert(show.end(), flags.begin(), flags.end());
      EXPECT_EQ(ran(show), 0);
    }
    for (const std::string to : {"api", "topic"}) {
      ran({"dlq", "replay", "FILE", "--allow-literal-secrets", "--pipeline", kind, "--to", to,
           "--limit", "2"});
      ran({"dlq", "replay", "FILE", "--allow-literal-secrets", "--pipeline", kind, "--to", to,
           "--limit", "2", "--json"});
    }
  }
  // The same record that was sent, so that its signature is known.
  for (const std::string& kind : kKinds) {
    for (const std::vector<std::string>& flags :
         {std::vector<std::string>{},
          {"--partition", "0", "--offset", "0"},
          {"--partition", "0", "--offset", "0", "--json", "--body"}}) {
      std::vector<std::string> explain = {"explain", "FILE", "--allow-literal-secrets",
                                          "--pipeline", kind};
      explain.insert(explain.end(), flags.begin(), flags.end());
      EXPECT_EQ(ran(explain), 0) << kind;
    }
  }
  search_letters();
  EXPECT_THAT(secrets().leaks(), IsEmpty());
}

TEST_F(Leak, NothingSecretComesOutOfACheck) {
  status_ = 401;
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, {"--json"}, {"--offline"}, {"--offline", "--json"}}) {
    std::vector<std::string> check = {"check", "FILE", "--allow-literal-secrets"};
    check.insert(check.end(), flags.begin(), flags.end());
    ran(check);
  }
  EXPECT_EQ(ran({"check", "FILE"}), 2) << "a literal secret";
  EXPECT_EQ(ran({"run", "FILE"}), 2);
  EXPECT_THAT(secrets().leaks(), IsEmpty());
}

}  // namespace
}  // namespace sluice::test
