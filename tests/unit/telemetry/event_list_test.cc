// docs/logs.md holds what the one list of events says.
#include "telemetry/event_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "support/event_check.h"

namespace sluice::telemetry {
namespace {

constexpr char kDocs[] = SLUICE_SOURCE_DIR "/docs/logs.md";

std::string read_docs() {
  std::ifstream in(kDocs);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string quoted(std::string_view names, const std::string& behind = {}) {
  std::string all;
  each_name(names, [&](std::string_view name) {
    all += (all.empty() ? "`" : ", `") + std::string(name) + '`' + behind;
  });
  return all;
}

std::string joined(std::string_view names) {
  std::string all;
  each_name(names,
            [&](std::string_view name) { all += (all.empty() ? "" : ", ") + std::string(name); });
  return all;
}

std::string events_table() {
  std::string table =
      "| event | level | meaning | fields | some lines have | alike by |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const EventInfo& info : all_events()) {
    table += "| `" + std::string(info.name) + "` | " + joined(info.levels) + " | " +
             std::string(info.meaning) + " | " + quoted(info.fields) + " | " +
             quoted(info.may_have) + " | " + quoted(info.alike) + " |\n";
  }
  return table;
}

std::string fields_table() {
  std::string table = "| field | type | meaning |\n| --- | --- | --- |\n";
  for (const FieldInfo& info : all_fields()) {
    table += "| `" + std::string(info.name) + "` | " + (info.number ? "number" : "text") + " | " +
             std::string(info.meaning) + " |\n";
  }
  return table;
}

// `docs` with the tables that the list makes.
std::string renewed(std::string docs) {
  const std::map<std::string, std::string> tables{{"events", events_table()},
                                                  {"fields", fields_table()}};
  for (const auto& [name, table] : tables) {
    const std::string begin = "<!-- " + name + ", made by unit_telemetry -->\n";
    const std::size_t from = docs.find(begin);
    const std::size_t to = docs.find("<!-- end -->", from);
    if (from == docs.npos || to == docs.npos) {
      ADD_FAILURE() << kDocs << " has no place for its table of " << name;
      continue;
    }
    docs.replace(from + begin.size(), to - from - begin.size(), table);
  }
  return docs;
}

TEST(EventList, IsWhatTheDocumentationSays) {
  const std::string docs = read_docs();
  const std::string wanted = renewed(docs);
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(kDocs) << wanted;
  EXPECT_EQ(read_docs(), wanted)
      << "a rename breaks searches and alerts; if it is meant, run with SLUICE_UPDATE_GOLDEN=1";
}

TEST(EventList, EachEventAndFieldHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const EventInfo& info : all_events()) EXPECT_TRUE(names.insert(info.name).second);
  names.clear();
  std::string_view before;
  for (const FieldInfo& info : all_fields()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_LT(before, info.name) << "by the alphabet";
    before = info.name;
  }
  for (const std::string_view taken : {"time", "level", "event"}) {
    EXPECT_FALSE(names.contains(taken));
  }
}

TEST(EventList, NamesKnownLevelsAndFieldsAndEachFieldSomewhere) {
  std::set<std::string_view> known;
  std::set<std::string_view> used;
  for (const FieldInfo& info : all_fields()) known.insert(info.name);
  const auto use = [&](std::string_view name) {
    EXPECT_TRUE(known.contains(name)) << name;
    used.insert(name);
  };
  for (const EventInfo& info : all_events()) {
    std::set<std::string_view> own;
    const auto take = [&](std::string_view name) {
      use(name);
      EXPECT_TRUE(own.insert(name).second) << info.name << " has " << name << " twice";
    };
    each_name(info.fields, take);
    each_name(info.may_have, take);
    each_name(info.alike, [&](std::string_view name) {
      EXPECT_TRUE(own.contains(name)) << info.name << " has no " << name;
    });
    EXPECT_FALSE(info.levels.empty()) << info.name;
    each_name(info.levels, [&](std::string_view level) {
      EXPECT_TRUE(has_name("debug info warn error", level)) << info.name;
    });
    EXPECT_FALSE(info.meaning.empty()) << info.name;
  }
  each_name(kHeldBackFields, use);
  EXPECT_EQ(used, known);
}

TEST(EventList, TheCheckOfTestsSeesWhatIsWrong) {
  using test::complaint_about;
  const std::vector<test::SeenField> good{{"pipeline"}, {"worker", true}, {"detail"}};
  const auto with = [&](test::SeenField more) {
    auto fields = good;
    fields.push_back(std::move(more));
    return complaint_about("warn", "commit_failed", fields);
  };
  EXPECT_EQ(complaint_about("warn", "commit_failed", good), "");
  EXPECT_EQ(with({"held_back", true}), "");
  EXPECT_EQ(with({"offset", true}), "it has no field offset");
  EXPECT_EQ(with({"held_back", false}), "held_back has another type");
  EXPECT_EQ(complaint_about("warn", "commit_faild", good), "no such event");
  EXPECT_EQ(complaint_about("info", "commit_failed", good), "it never has the level info");
  EXPECT_EQ(complaint_about("warn", "commit_failed", {{"pipeline"}, {"detail"}}),
            "it lacks worker");
  EXPECT_EQ(complaint_about("info", "service_stopped", {{"held_back", true}}),
            "it has no field held_back")
      << "none of its lines is";
}

}  // namespace
}  // namespace sluice::telemetry
