// Bytes that end lines, strings, labels, headers or paths stand in everything that is not ours:
// keys, headers and values of records, and answers of the API. What Sluice says keeps its form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "integration/dlq.h"

namespace sluice::test {
namespace {

using namespace std::string_view_literals;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kMark = "forged";
// Without what no header of HTTP can hold.
const std::string kEvilInLine =
    "forged\"'}] ,{\\\x1b[2J{key}${env:HOME}%0d%0a\x7f\xff\xc3(\xc2\x9b"
    "2J\u2028\u202e event=forged";
const std::string kEvil = std::string("forged\r\nforged: 1\r\n\r\n\0forged\n\t", 30) + kEvilInLine;

// An id of a request with bytes beyond ASCII is none.
const std::string kEvilId = "forged\"'}] ,{\\{key} event=forged";

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool printable_ascii(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Nothing that a terminal takes for a command, as a byte or as a character.
bool harmless_to_terminals(const std::string& line) {
  bool after_c2 = false;
  return std::all_of(line.begin(), line.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = byte < 0x20 || byte == 0x7f || (after_c2 && byte < 0xa0);
    after_c2 = byte == 0xc2;
    return !control;
  });
}

// The event of a line of the log, "" where it is none.
std::string event_of_json(const std::string& line) {
  rapidjson::Document document;
  document.Parse(line.data(), line.size());
  if (document.HasParseError() || !document.IsObject()) return "";
  std::set<std::string> names;
  for (const auto& member : document.GetObject()) {
    if (!names.insert(member.name.GetString()).second) return "";
  }
  for (const char* name : {"time", "level", "event"}) {
    if (!document.HasMember(name) || !document[name].IsString()) return "";
  }
  return document["event"].GetString();
}
std::string event_of_text(const std::string& line) {
  static const std::regex form(
      R"re(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:DEBUG|INFO |WARN |ERROR) ([a-z_]+))re"
      R"re((?: [A-Za-z0-9_.]+=(?:[^ "=\\]+|"(?:[^"\\]|\\.)*"))*)re");
  std::smatch match;
  return std::regex_match(line, match, form) ? match[1].str() : "";
}

class Injection : public Dlq {
 protected:
  // A record of each kind, and what becomes of it.
  void produce_all() {
    produce(broker_.brokers(), topic_,
            {{.value = R"({"id":"1"})", .key = kEvil, .headers = with_tenant("a")},
             {.value = R"({"id":"2"})", .key = "2", .headers = with_tenant(kEvil)},
             {.value = kEvil, .key = kEvil, .headers = with_tenant("a")},
             {.value = R"({"id":"refused"})", .key = kEvil + "!", .headers = with_tenant("a")},
             {.value = R"({"id":"failed"})", .key = "5", .headers = with_tenant("a")},
             {.value = R"({"id":"broken"})", .key = "6", .headers = with_tenant("a")},
             {.value = "{\"id\":\"7\",\"x\":\"\\u0000\\n\\\"\\u2028\\\\\"}",
              .key = "..",
              .headers = with_tenant("a")},
             {.value = R"({"id":"last"})", .key = "8", .headers = with_tenant("a")}});
  }
  static constexpr std::size_t kRefused = 4;
  static Headers with_tenant(const std::string& tenant) {
    return {{"forged\r\n\"}: {\\\x1b\xff", kEvil},
            {"", "forged"},
            {"sluice.reason", "forged"},
            {"tenant", tenant},
            {"none", std::nullopt}};
  }

  void answer() {
    api_.answer_with([this](const SeenRequest&, const std::vector<std::string>& ids) -> Reply {
      const std::string first = ids.empty() ? "" : ids.front();
      if (first == "refused") return evil("400");
      if (first == "failed" && failures_++ == 0) return evil("503");
      if (first == "broken" && breaks_++ == 0) return {.raw = kEvil + "\r\n\r\n"};
      return {};
    });
  }
  static Reply evil(const std::string& status) {
    return {.raw = "HTTP/1.1 " + status + " " + kEvilInLine + "\r\nX-Request-Id: " + kEvilId +
                   "\r\nRetry-After: " + kEvilInLine + "\r\nX-" + kEvilInLine +
                   ": x\r\nContent-Length: " + std::to_string(kEvil.size()) + "\r\n\r\n" + kEvil};
  }

  std::string run_config(const std::string& format) const {
    std::string yaml =
        FlowConfig(broker_)
            .target("api", api_.url() + "/v1", "headers: {X-Tenant: '{header:tenant}'}")
            .pipeline("p", topic_, "refusal_guard: none, retry: {initial: 20ms, max: 50ms}", dlq())
            .yaml();
    const auto replace = [&yaml](const std::string& what, const std::string& by) {
      yaml.replace(yaml.find(what), what.size(), by);
    };
    replace("path: /p", "path: '/users/{key}/events'");
    replace("format: json, level: info", "format: " + format + ", level: debug");
    return yaml;
  }

  // Each line is one event of ours, and there are no more than happened.
  static void expect_whole(const std::string& log, std::string (*event_of)(const std::string&)) {
    std::map<std::string, std::size_t> count;
    for (const std::string& line : lines_of(log)) {
      EXPECT_TRUE(printable_ascii(line)) << line;
      const std::string event = event_of(line);
      EXPECT_NE(event, "") << line;
      EXPECT_NE(event, kMark) << line;
      ++count[event];
    }
    EXPECT_EQ(count["record_dead_lettered"], kRefused) << log;
    EXPECT_EQ(count["request_failed"], 3U) << log;
    EXPECT_EQ(count["service_started"], 1U) << log;
    EXPECT_THAT(log, HasSubstr(kMark)) << "the request's id was not there to be escaped";
  }

  void expect_metrics(SluiceProcess& sluice) {
    static const std::regex form(
        R"re(# (?:HELP|TYPE) [a-z_]+ [ -~]+|[a-z_]+(?:\{(?:[a-z_]+="[A-Za-z0-9_.+-]*",?)*\})?)re"
        R"re( [0-9.e+-]+)re");
    const std::string metrics = sluice.metrics();
    EXPECT_THAT(lines_of(metrics), SizeIs(testing::Gt(50U)));
    for (const std::string& line : lines_of(metrics)) {
      EXPECT_TRUE(std::regex_match(line, form)) << line;
    }
    EXPECT_THAT(metrics, Not(HasSubstr(kMark)));
    EXPECT_EQ(sum_of(sluice, "sluice_dead_letters_total", {}), kRefused);
  }
  static void expect_status(SluiceProcess& sluice) {
    const std::string text = sluice.status();
    const auto status = json(text);
    EXPECT_THAT(lines_of(text), Each(testing::Truly(harmless_to_terminals)));
    ASSERT_EQ(status["pipelines"].Size(), 1U);
    EXPECT_STREQ(status["pipelines"][0]["name"].GetString(), "p");
    EXPECT_STREQ(status["pipelines"][0]["state"].GetString(), "flowing");
    EXPECT_EQ(sluice.get("/readyz"), "ok\n");
  }

  // Nothing of a record adds a header to its request or leads it to another path.
  void expect_requests() {
    const std::set<std::string> ours = {"host",           "user-agent",     "accept",
                                        "content-type",   "content-length", "x-tenant",
                                        "idempotency-key"};
    for (const SeenRequest& request : api_.server().requests()) {
      for (const auto& [name, value] : request.headers) {
        EXPECT_TRUE(ours.contains(name)) << name << ": " << value;
      }
      EXPECT_EQ(*request.header("x-tenant"), "a");
      EXPECT_THAT(request.path, AllOf(testing::StartsWith("/v1/users/"),
                                      testing::EndsWith("/events"), Not(HasSubstr(".."))));
      EXPECT_EQ(std::count(request.path.begin(), request.path.end(), '/'), 4) << request.path;
    }
  }

  // Each has its record's key, value and headers, and then each of ours once.
  void expect_letters() {
    const auto records = read_topic(broker_.brokers(), topic_);
    const std::map<std::string, std::string> reasons = {
        {"1", "unroutable"}, {"2", "not_json"}, {"3", "rejected"}, {"6", "unroutable"}};
    ASSERT_THAT(letters(), SizeIs(kRefused));
    for (const StoredRecord& letter : letters()) {
      const std::string offset = header_of(letter, "sluice.offset");
      ASSERT_TRUE(reasons.contains(offset)) << offset;
      const StoredRecord& record = records.at(std::stoul(offset));
      EXPECT_EQ(letter.key, record.key);
      EXPECT_EQ(letter.value, record.value);
      Headers own = record.headers;
      std::erase_if(own, [](const auto& header) { return header.first == "sluice.reason"; });
      ASSERT_GT(letter.headers.size(), own.size());
      EXPECT_TRUE(std::equal(own.begin(), own.end(), letter.headers.begin()));
      const auto first_of_ours = letter.headers.begin() + static_cast<std::ptrdiff_t>(own.size());
      expect_envelope({first_of_ours, letter.headers.end()});
      EXPECT_EQ(header_of(letter, "sluice.reason"), reasons.at(offset));
      EXPECT_EQ(header_of(letter, "sluice.topic"), topic_);
      const bool answered = reasons.at(offset) == "rejected";
      EXPECT_EQ(header_of(letter, "sluice.response").find(kMark) == 0, answered);
      EXPECT_EQ(header_of(letter, "sluice.status"), answered ? "400" : "(none)");
    }
  }
  static void expect_envelope(const Headers& headers) {
    std::set<std::string> names;
    for (const auto& [name, value] : headers) {
      EXPECT_TRUE(name.starts_with("sluice.")) << name;
      EXPECT_TRUE(names.insert(name).second) << name;
      ASSERT_TRUE(value.has_value()) << name;
      EXPECT_EQ(std::count_if(value->begin(), value->end(),
                              [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
                0)
          << name << ": " << *value;
    }
  }

  void expect_shown() {
    for (std::size_t i = 0; i < kRefused; ++i) {
      std::vector<std::string> options = {"--pipeline", "p", "--at", "0:" + std::to_string(i),
                                          "--payload"};
      const Ran shown = sluice_dlq("show", options);
      EXPECT_EQ(shown.code, 0) << shown.err;
      EXPECT_THAT(shown.out, HasSubstr(kMark));
      for (const std::string& line : lines_of(shown.out)) {
        EXPECT_TRUE(harmless_to_terminals(line)) << line;
        EXPECT_THAT(line, Not(testing::StartsWith(std::string(kMark))));
      }
      options.emplace_back("--json");
      EXPECT_TRUE(json(sluice_dlq("show", options).out).IsObject());
    }
  }

  std::atomic<int> failures_ = 0;
  std::atomic<int> breaks_ = 0;
};

TEST_F(Injection, NoRecordAndNoAnswerChangesTheFormOfWhatSluiceSays) {
  make_topics("injection.-_");
  answer();
  produce_all();
  SluiceProcess sluice(run_config("json"));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(40))) << sluice.log();
  expect_metrics(sluice);
  expect_status(sluice);
  sluice.signal(SIGTERM);
  ASSERT_TRUE(sluice.wait(seconds(20)).has_value());
  expect_whole(sluice.log(), event_of_json);
  expect_requests();
  expect_letters();
  expect_shown();
  EXPECT_THAT(api_.taken(), SizeIs(4)) << testing::PrintToString(api_.taken());
}

TEST_F(Injection, NorOfALogForPeople) {
  make_topics("injection-text");
  answer();
  produce_all();
  SluiceProcess sluice(run_config("text"));
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(40))) << sluice.log();
  sluice.signal(SIGTERM);
  ASSERT_TRUE(sluice.wait(seconds(20)).has_value());
  expect_whole(sluice.log(), event_of_text);
  expect_letters();
}

// A configuration's own texts stand in messages about it.
TEST(InjectionByConfiguration, AMessageAboutItIsOneLine) {
  const TempDir dir;
  const auto file = dir.path() / "sluice.yaml";
  std::ofstream(file) << "\"forged\\r\\nforged\\e[2J\": 1\n";
  const ChildProcess::Options options{
      .argv = {sluice_binary(), "check", "--offline", file.string()},
      .env = {},
      .out_file = dir.path() / "out",
      .err_file = dir.path() / "err"};
  ChildProcess child(options);
  const auto status = child.wait(seconds(20));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->code, 2);
  const auto lines = lines_of(read_file(options.out_file) + read_file(options.err_file));
  EXPECT_THAT(lines, Contains(HasSubstr(kMark)));
  for (const std::string& line : lines) {
    EXPECT_TRUE(harmless_to_terminals(line)) << line;
    EXPECT_THAT(line, Not(testing::StartsWith(std::string(kMark))));
  }
}

}  // namespace
}  // namespace sluice::test
