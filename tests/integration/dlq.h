// What the tests of `sluice dlq` share: a pipeline whose records become dead letters, and its
// commands.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <csignal>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/temp_dir.h"

namespace sluice::test {

inline std::string header_of(const StoredRecord& record, const std::string& name) {
  std::string found = "(none)";
  for (const auto& [key, value] : record.headers) {
    if (key == name) found = value.value_or("(null)");
  }
  return found;
}

struct Ran {
  int code = -1;  // -1: it did not end in time
  std::string out;
  std::string err;
};

inline rapidjson::Document json(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << text;
  return document;
}

// The last line, which is the summary.
inline rapidjson::Document summary_of(const Ran& ran) {
  const std::string lines = ran.out.substr(0, ran.out.size() - 1);
  return json(lines.substr(lines.rfind('\n') + 1));
}

// One topic "<name>" with "<name>.dlq", and an API that refuses what the test says.
class Dlq : public testing::Test {
 protected:
  void make_topics(const std::string& name, int partitions = 1,
                   const std::map<std::string, std::string>& of_topic = {}) {
    topic_ = name;
    broker_.create_topic(topic_, partitions, of_topic);
    broker_.create_topic(dlq(), partitions);
  }
  std::string dlq() const { return topic_ + ".dlq"; }
  std::string id(std::int64_t number) const { return record_id(topic_, 0, number); }
  std::string config(const std::string& keys = "") const {
    return FlowConfig(broker_)
        .target("api", api_.url(), "auth: {type: bearer, token: s3cret-token}")
        .pipeline("p", topic_, keys, dlq())
        .yaml();
  }
  // The API refuses every record while it is broken.
  void broken(bool on) {
    api_.answer_with(on ? RecordingApi::always({.status = 400, .body = "no such \"user\""})
                        : RecordingApi::take_all());
  }
  // `sluice run` until all is committed.
  void run(const std::string& keys = "") {
    SluiceProcess sluice(config(keys + (keys.empty() ? "" : ", ") + "refusal_guard: none"));
    ASSERT_TRUE(wait_for_commits(broker_, topic_, std::chrono::seconds(30))) << sluice.log();
    sluice.signal(SIGTERM);  // leaves the group, so that the next run need not wait for it
    ASSERT_TRUE(sluice.wait(std::chrono::seconds(10)).has_value());
  }
  // Records 0 to count - 1, all of them dead letters.
  void dead_letters(std::int64_t count) {
    produce_numbered(broker_, topic_, 1, count);
    broken(true);
    run();
    ASSERT_THAT(letters(), testing::SizeIs(static_cast<std::size_t>(count)));
    broken(false);
  }
  std::vector<StoredRecord> letters() const {
    std::vector<StoredRecord> all;
    for (auto& record : read_topic(broker_.brokers(), dlq())) {
      if (header_of(record, "sluice.receipt") == "(none)") all.push_back(std::move(record));
    }
    return all;
  }
  std::size_t records_of(const std::string& topic) const {
    return read_topic(broker_.brokers(), topic).size();
  }

  ChildProcess::Options command(const std::string& name, const std::vector<std::string>& options,
                                const std::string& keys = "") {
    std::ofstream(dir_.path() / "sluice.yaml") << config(keys);
    const std::string number = std::to_string(++commands_);
    ChildProcess::Options made{.argv = {sluice_binary(), "dlq", name},
                               .env = {},
                               .out_file = dir_.path() / ("out" + number),
                               .err_file = dir_.path() / ("err" + number)};
    made.argv.insert(made.argv.end(),
                     {(dir_.path() / "sluice.yaml").string(), "--allow-literal-secrets"});
    made.argv.insert(made.argv.end(), options.begin(), options.end());
    return made;
  }
  static Ran end_of(ChildProcess& child, const ChildProcess::Options& options) {
    const auto status = child.wait(std::chrono::seconds(60));
    return {status ? status->code : -1, read_file(options.out_file), read_file(options.err_file)};
  }
  Ran sluice_dlq(const std::string& name, const std::vector<std::string>& options = {},
                 const std::string& keys = "") {
    const auto made = command(name, options, keys);
    ChildProcess child(made);
    return end_of(child, made);
  }
  Ran replay(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"--pipeline", "p"});
    return sluice_dlq("replay", options);
  }
  rapidjson::Document total() {
    const Ran ran = sluice_dlq("list", {"--json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return json(ran.out);
  }
  std::vector<int> states() {
    const auto document = total();
    const auto& counts = document["total"];
    return {counts["waiting"].GetInt(), counts["uncertain"].GetInt(), counts["replayed"].GetInt()};
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_{RecordingApi::take_all(), {.remember = true}};
  TempDir dir_;
  int commands_ = 0;
};

}  // namespace sluice::test
