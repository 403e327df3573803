// docs/metrics.md and tests/golden/metrics.txt hold what the one list of metrics says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "support/fake_clock.h"
#include "support/test_log.h"
#include "telemetry/metric_catalog.h"
#include "telemetry/metrics.h"
#include "telemetry/status.h"

namespace sluice::telemetry {
namespace {

using testing::EndsWith;
using testing::Not;

constexpr char kDocs[] = "docs/metrics.md";
constexpr char kGolden[] = "tests/golden/metrics.txt";
constexpr char kAdvice[] =
    "a rename breaks dashboards and alerts; if it is meant, run with SLUICE_UPDATE_GOLDEN=1";

bool updates_golden() { return std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr; }

std::string read_file(const std::string& name) {
  std::ifstream in(std::string(SLUICE_SOURCE_DIR "/") + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& name, const std::string& text) {
  std::ofstream(std::string(SLUICE_SOURCE_DIR "/") + name) << text;
}

std::string text_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return {};
}

// A row of the documentation. What a person reads begins small.
std::string row_of(const CatalogEntry& entry) {
  std::string labels;
  for (const char* label : entry.info->labels) {
    if (label != nullptr) labels += (labels.empty() ? "`" : ", `") + std::string(label) + '`';
  }
  return "| `" + std::string(entry.info->name) + "` | " + text_of(entry.type) + " | " +
         entry.info->unit + " | " + labels + " | " + entry.info->help + " | " + entry.info->good +
         " |\n";
}

std::string table_of(MetricSection section) {
  std::string table =
      "| metric | type | unit | labels | meaning | what good looks like |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const CatalogEntry& entry : kMetricCatalog) {
    if (entry.section == section) table += row_of(entry);
  }
  return table;
}

// What metrics read at each scrape.
struct Scraped {
  explicit Scraped(Metrics& metrics) {
    metrics.count_lines_of(log);
    metrics.watch_beats_of(board);
  }

  const test::TestLog log;
  const test::FakeClock clock{};
  StatusBoard board{clock};
};

// Everything there is, each with a value for its labels.
void fill(Metrics& metrics, StatusBoard& board, int pipelines, int partitions) {
  TargetMetrics& target = metrics.target("api");
  target.set_budgets({{"", "1000 requests/1s"}});
  metrics.credential("api", "");
  for (int i = 0; i < pipelines; ++i) {
    PipelineMetrics& pipeline = metrics.pipeline("p" + std::to_string(i), "api");
    for (int partition = 0; partition < partitions; ++partition) {
      pipeline.set_lag("events", partition, 1);
      pipeline.set_oldest_undelivered("events", partition, Duration{1});
    }
    pipeline.set_worker(0, {});
    board.add("p" + std::to_string(i), "g", "api", 0);
  }
}

std::size_t series_in(const std::string& exposition) {
  std::istringstream lines(exposition);
  std::size_t series = 0;
  for (std::string line; std::getline(lines, line);) series += line.starts_with('#') ? 0 : 1;
  return series;
}

std::string row(const std::string& first, std::size_t number, const std::string& last = {}) {
  return "| " + first + " | " + std::to_string(number) + (last.empty() ? "" : " | " + last) +
         " |\n";
}

std::string series_table() {
  std::string table =
      "| pipelines, each with 32 partitions and 1 worker | series |\n| --- | --- |\n";
  for (const int pipelines : {1, 10, 50}) {
    Metrics metrics("VERSION");
    Scraped scraped(metrics);
    fill(metrics, scraped.board, pipelines, 32);
    table += row(std::to_string(pipelines), series_in(metrics.serialize()));
  }
  return table;
}

// What each thing adds.
std::string bounds_table() {
  Metrics metrics("VERSION");
  Scraped scraped(metrics);
  std::size_t before = series_in(metrics.serialize());
  std::string table =
      "| what | series | bounded by |\n| --- | --- | --- |\n" + row("the process", before, "one");
  const auto add = [&](const std::string& what, const std::string& bounded_by) {
    const std::size_t now = series_in(metrics.serialize());
    table += row(what, now - std::exchange(before, now), bounded_by);
  };
  PipelineMetrics& pipeline = metrics.pipeline("p", "api");
  add("a pipeline", "the configuration");
  pipeline.set_lag("events", 0, 1);
  pipeline.set_oldest_undelivered("events", 0, Duration{1});
  add("a partition that this process holds", "the topics; one that leaves takes them along");
  pipeline.set_worker(0, {});
  scraped.board.add("p", "g", "api", 0);
  add("a worker", "`workers`");
  TargetMetrics& target = metrics.target("api");
  add("a target", "the configuration");
  target.set_budgets({{"", "1000 requests/1s"}});
  add("a limit of a target", "`rate_limit`");
  metrics.credential("api", "acme");
  add("a credential of a target, or of a tenant", "the configuration: `tenants`");
  return table;
}

// The text with what stands between the markers of `name` put in the place of what is there.
std::string with_part(const std::string& text, const std::string& name, const std::string& part) {
  const std::string begin = "<!-- " + name + ", made by unit_telemetry -->\n";
  const std::string end = "<!-- end -->\n";
  const std::size_t from = text.find(begin);
  EXPECT_NE(from, std::string::npos) << "no marker: " << begin;
  if (from == std::string::npos) return text;
  const std::size_t to = text.find(end, from);
  EXPECT_NE(to, std::string::npos) << "no end of " << begin;
  if (to == std::string::npos) return text;
  return text.substr(0, from + begin.size()) + part + text.substr(to);
}

TEST(MetricsDocs, AreMadeFromTheOneList) {
  const std::map<std::string, MetricSection> sections{
      {"records", MetricSection::records}, {"requests", MetricSection::requests},
      {"stalls", MetricSection::stalls},   {"group", MetricSection::group},
      {"targets", MetricSection::targets}, {"credentials", MetricSection::credentials},
      {"workers", MetricSection::workers}, {"process", MetricSection::process}};
  const std::string text = read_file(kDocs);
  std::string made = text;
  for (const auto& [name, section] : sections) made = with_part(made, name, table_of(section));
  made = with_part(made, "series", series_table());
  made = with_part(made, "bounds", bounds_table());
  if (updates_golden()) write_file(kDocs, made);
  EXPECT_EQ(read_file(kDocs), made) << kAdvice;
}

// Help, type and series without their values. Series of a family are sorted: the registry keeps
// them in no order.
std::string names_of(const std::string& exposition) {
  std::istringstream lines(exposition);
  std::string names;
  std::multiset<std::string> family;
  const auto close_family = [&] {
    for (const std::string& series : family) names += series + '\n';
    family.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) {
      close_family();
      names += line + '\n';
    } else {
      family.insert(line.substr(0, line.rfind(' ')));
    }
  }
  close_family();
  return names;
}

TEST(MetricsDocs, NamesHelpAndLabelsAreThoseOfTheGoldenList) {
  Metrics metrics("VERSION");
  Scraped scraped(metrics);
  metrics.target("api").set_budgets({{"", "1000 requests/1s"}});
  metrics.credential("api", "acme");
  PipelineMetrics& deposits = metrics.pipeline("deposits", "api");
  deposits.set_lag("events.deposit", 0, 1);
  deposits.set_oldest_undelivered("events.deposit", 0, Duration{1});
  deposits.set_worker(0, {});
  scraped.board.add("deposits", "g", "api", 0);
  const std::string names = names_of(metrics.serialize());
  if (updates_golden()) write_file(kGolden, names);
  EXPECT_EQ(read_file(kGolden), names) << kAdvice;
}

// Name and type, as the exposition has them.
std::map<std::string, std::string> types_in(const std::string& exposition) {
  std::istringstream lines(exposition);
  std::map<std::string, std::string> types;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string what;
    std::string name;
    std::string type;
    words >> hash >> what >> name >> type;
    if (hash == "#" && what == "TYPE") types[name] = type;
  }
  return types;
}

TEST(MetricCatalog, HasEveryMetricThatIsExposedAndNoOther) {
  Metrics metrics("VERSION");
  Scraped scraped(metrics);
  fill(metrics, scraped.board, 1, 1);
  std::map<std::string, std::string> listed;
  for (const CatalogEntry& entry : kMetricCatalog) listed[entry.info->name] = text_of(entry.type);
  EXPECT_EQ(listed, types_in(metrics.serialize()));
  EXPECT_EQ(listed.size(), kMetricCatalog.size()) << "one is listed twice";
}

TEST(MetricCatalog, NamesSayTypeAndUnit) {
  for (const CatalogEntry& entry : kMetricCatalog) {
    const std::string name = entry.info->name;
    if (entry.type == MetricType::counter) {
      EXPECT_THAT(name, EndsWith("_total"));
    } else {
      EXPECT_THAT(name, Not(EndsWith("_total")));
    }
    const std::string unit = entry.info->unit;
    const std::string base = entry.type == MetricType::counter
                                 ? name.substr(0, name.size() - std::string("_total").size())
                                 : name;
    const bool of_seconds = unit.starts_with("seconds");
    EXPECT_TRUE(!of_seconds || base.ends_with("_seconds")) << name;
    EXPECT_TRUE(unit != "bytes" || base.find("bytes") != std::string::npos) << name;
    EXPECT_FALSE(unit.empty()) << name;
  }
}

}  // namespace
}  // namespace sluice::telemetry
