#include "unit/config/schema_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "config/number_pattern.h"
#include "config/schema.h"
#include "unit/config/schema_findings.h"

namespace sluice::config {
namespace {

namespace fs = std::filesystem;

// Problems that no JSON Schema can say, by the loader's own words, and why.
struct Beyond {
  std::string_view cause;
  std::string_view why;
};
constexpr std::string_view kFiles = "it looks at no files, variables and commands";
constexpr std::string_view kNames = "it compares no value with another";
constexpr std::string_view kAmounts = "it compares no amounts";
constexpr std::string_view kNumbers = "YAML has read the number, however it was written";
constexpr Beyond kBeyondSchemas[] = {
    {"stands here a second time", "keys are YAML's own, and names that differ in case are two"},
    {"is shorter than 16 bytes", kFiles},
    {"does not exist", kFiles},
    {"is a directory", kFiles},
    {"is not a regular file", kFiles},
    {"}\" is not set", kFiles},
    {"}\" is empty", kFiles},
    {"ended with status", kFiles},
    {"holds a NUL byte", kFiles},
    {"use the same header", kNames},
    {"sends the header", kNames},
    {"sends the query parameter", kNames},
    {"is the header of", kNames},
    {"are the same header", kNames},
    {"is among the topics of", kNames},
    {"is the group of", kNames},
    {"there is no target", kNames},
    {"is the path of no pipeline", kNames},
    {"share: is group, but", kNames},
    {"part where by has", kNames},
    {"lets nothing through", kAmounts},
    {"and would never go", kAmounts},
    {"is longer than max", kAmounts},
    {"is more than max", kAmounts},
    {"\"299-200\" is not a status", kAmounts},
    {"\"499-400\" is not a status", kAmounts},
    {"\"010\" begins with a zero", kNumbers},
    {"\"0x10\" is not a whole number", kNumbers},
    {"\"1e1\" is not a number", kNumbers},
    {"\"2026-02-29\" is no place", "it does not count the days of a month"},
    {"is not a regular expression", "it compiles none"},
    {"in librdkafka before 2.10.1", "it does not know the library that will run"},
    {"which does not go with tenants", "what is wrong with the one is said of the other"},
};

// The scalars of YAML 1.2's core schema, as editors read them.
void add_scalar(const Node& node, rapidjson::Value& out, rapidjson::Document::AllocatorType& heap) {
  static const std::regex kInteger("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
  static const std::regex kNumber(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  static const std::regex kTruth("true|True|TRUE|false|False|FALSE");
  const std::string& text = node.text;
  if (!node.quoted && std::regex_match(text, kTruth)) {
    out.SetBool(text.front() == 't' || text.front() == 'T');
  } else if (!node.quoted && std::regex_match(text, kInteger) && text.size() < 18) {
    const bool octal = text.starts_with("0o");
    out.SetInt64(octal ? std::stoll(text.substr(2), nullptr, 8)
                       : std::stoll(text, nullptr, text.starts_with("0x") ? 16 : 10));
  } else if (!node.quoted && std::regex_match(text, kNumber)) {
    out.SetDouble(std::stod(text));
  } else {
    out.SetString(text.c_str(), static_cast<rapidjson::SizeType>(text.size()), heap);
  }
}

void add_node(const Node& node, rapidjson::Value& out, rapidjson::Document::AllocatorType& heap) {
  if (node.kind == Node::Kind::scalar) return add_scalar(node, out, heap);
  if (node.kind == Node::Kind::sequence) out.SetArray();
  if (node.kind == Node::Kind::map) out.SetObject();
  for (const NodePtr& item : node.items) {
    rapidjson::Value value;
    add_node(*item, value, heap);
    out.PushBack(value, heap);
  }
  for (const Entry& entry : node.entries) {
    if (out.HasMember(entry.key.c_str())) continue;
    rapidjson::Value key(entry.key.c_str(), heap);
    rapidjson::Value value;
    add_node(*entry.value, value, heap);
    out.AddMember(key, value, heap);
  }
}

const rapidjson::Document& schema() {
  static const auto kSchema = [] {
    auto json = std::make_unique<rapidjson::Document>();
    json->Parse(json_schema().c_str());
    return json;
  }();
  return *kSchema;
}

bool is_valid(const rapidjson::Document& json) {
  static const auto kSchema = [] {
    auto out = std::make_unique<valijson::Schema>();
    valijson::SchemaParser().populateSchema(valijson::adapters::RapidJsonAdapter(schema()), *out);
    return out;
  }();
  const valijson::adapters::RapidJsonAdapter adapter(json);
  return valijson::Validator().validate(*kSchema, adapter, nullptr);
}

std::vector<Finding> findings_of(const Node& file) {
  static SchemaFindings findings(schema());
  rapidjson::Document json;
  add_node(file, json, json.GetAllocator());
  auto out = findings.of(json);
  EXPECT_EQ(out.empty(), is_valid(json)) << "valijson comes to another verdict";
  return out;
}

bool is_inside(const std::string& path, const std::string& of) {
  return path.starts_with(of) && (path.size() == of.size() || of.empty() ||
                                  path[of.size()] == '.' || path[of.size()] == '[');
}

bool is_same(const Problem& problem, const Finding& finding) {
  // Where TLS is missing it is the login that the loader blames.
  if (problem.cause.starts_with("kafka.sasl: has no TLS")) return finding.path == "kafka.tls";
  const std::size_t end = problem.cause.find(": ");
  const std::string path = end == std::string::npos ? "" : problem.cause.substr(0, end);
  const std::size_t cut = path.find("...");  // so that no secret is shown
  if (cut != path.npos) return finding.path.starts_with(path.substr(0, cut));
  return is_inside(finding.path, path);
}

const Beyond* find_beyond(const Problem& problem) {
  const auto* const found = std::find_if(
      std::begin(kBeyondSchemas), std::end(kBeyondSchemas),
      [&](const Beyond& b) { return problem.cause.find(b.cause) != std::string::npos; });
  return found == std::end(kBeyondSchemas) ? nullptr : found;
}

std::set<const Beyond*>& seen_beyond() {
  static std::set<const Beyond*> kSeen;
  return kSeen;
}

std::string listed(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) out += "\n  " + finding.path + ": " + finding.text;
  return out;
}

// A literal secret that was allowed is the one thing that the schema refuses and the loader takes.
bool is_literal_secret(const Finding& finding) {
  static const std::regex kSecret(
      R"(.*\.(token|password|secret|value|client_secret|private_key|refresh_token|.*\.pem))");
  return std::regex_match(finding.path, kSecret);
}

void compare_taken(std::vector<Finding> findings, const LoadOptions& options) {
  const auto allowed = [&](const Finding& finding) {
    return options.allow_literal_secrets && is_literal_secret(finding);
  };
  findings.erase(std::remove_if(findings.begin(), findings.end(), allowed), findings.end());
  EXPECT_TRUE(findings.empty()) << "the loader takes it, the schema says:" << listed(findings);
}

void compare_problem(const Problem& problem, const std::vector<Finding>& findings) {
  const bool found = std::any_of(findings.begin(), findings.end(),
                                 [&](const Finding& f) { return is_same(problem, f); });
  const Beyond* const beyond = found ? nullptr : find_beyond(problem);
  if (beyond != nullptr) seen_beyond().insert(beyond);
  EXPECT_TRUE(found || beyond != nullptr)
      << "the schema does not say: " << problem.text() << "\nbut:" << listed(findings);
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::string without_margin(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);)
    out += line.substr(std::min<std::size_t>(4, line.size())) + "\n";
  return out;
}

// The configurations of the repository, by where they stand.
std::map<std::string, std::string> shipped() {
  const fs::path root = SLUICE_SOURCE_DIR;
  std::map<std::string, std::string> out;
  for (const auto& file : fs::directory_iterator(root / "config")) {
    if (file.path().extension() == ".yaml") out[file.path()] = read(file.path());
  }
  // Of a chart: the ConfigMap's text, up to the next document.
  static const std::regex kOfChart("  sluice\\.yaml: \\|\n((?:    [^\n]*\n|\n)+)");
  for (const auto& file : fs::directory_iterator(root / "tests/helm/golden")) {
    const std::string text = read(file.path());
    std::smatch found;
    if (std::regex_search(text, found, kOfChart)) out[file.path()] = without_margin(found[1]);
  }
  // Of the documentation: a block that is a whole file.
  static const std::regex kBlock("```yaml\n([^`]*)```");
  std::vector<fs::path> pages{root / "README.md"};
  for (const auto& file : fs::directory_iterator(root / "docs")) pages.push_back(file.path());
  for (const fs::path& page : pages) {
    const std::string text = page.extension() == ".md" ? read(page) : "";
    for (std::sregex_iterator at(text.begin(), text.end(), kBlock), end; at != end; ++at) {
      const std::string block = (*at)[1];
      if (("\n" + block).find("\nkafka:") == block.npos || block.find("pipelines:") == block.npos)
        continue;
      out[page.string() + " at " + std::to_string(at->position())] = block;
    }
  }
  return out;
}

TEST(SchemaAgreement, TakesEveryConfigurationOfTheRepository) {
  const auto all = shipped();
  EXPECT_GE(all.size(), 3U + 6U + 1U);
  for (const auto& [where, yaml] : all) {
    SCOPED_TRACE(where);
    LoadOptions options;
    options.secrets_for = std::vector<std::string>{};                     // none is looked up
    options.allow_literal_secrets = where.find("demo.md") != where.npos;  // the demo's own
    const auto loaded = load_and_compare(yaml, where, options);
    if (loaded) continue;
    for (const Problem& problem : loaded.error()) {
      // Certificates and passwords are where the chart puts them.
      EXPECT_THAT(problem.cause, testing::AnyOf(testing::HasSubstr("does not exist"),
                                                testing::HasSubstr("is not set")));
    }
  }
}

// As a file, for editors; SLUICE_UPDATE_GOLDEN=1 writes it anew.
TEST(SchemaAgreement, TheFileThatShipsIsTheSchema) {
  const fs::path file = fs::path(SLUICE_SOURCE_DIR) / "config/sluice.schema.json";
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << json_schema();
  EXPECT_EQ(json_schema(), read(file)) << "SLUICE_UPDATE_GOLDEN=1 takes it over";
}

TEST(SchemaAgreement, BoundsOfNumbersWithUnitsAreExact) {
  const std::pair<std::uint64_t, std::uint64_t> bounds[] = {
      {0, 0},    {0, 9},   {1, 10},   {1, 64},    {7, 7},     {10, 99},
      {99, 101}, {0, 999}, {17, 842}, {100, 599}, {998, 1001}};
  for (const auto& [low, high] : bounds) {
    const std::regex pattern("^" + number_pattern(low, high) + "$");
    for (std::uint64_t n = 0; n <= 1100; ++n) {
      const bool within = n >= low && n <= high;
      EXPECT_EQ(std::regex_match(std::to_string(n), pattern), within)
          << low << " " << n << " " << high;
    }
  }
}

// Every reason has a file that shows it: others would make the list longer than it need be.
class BeyondSchemas : public testing::Environment {
 public:
  void TearDown() override {
    if (!testing::GTEST_FLAG(filter).empty() && testing::GTEST_FLAG(filter) != "*") return;
    for (const Beyond& beyond : kBeyondSchemas) {
      EXPECT_TRUE(seen_beyond().contains(&beyond)) << "nothing is refused with: " << beyond.cause;
    }
  }
};
[[maybe_unused]] const auto* const kBeyondSchemasEnd =
    testing::AddGlobalTestEnvironment(new BeyondSchemas);

void compare(const Node& file, const LoadResult& loaded, const LoadOptions& options) {
  const auto findings = findings_of(file);
  if (loaded) {
    compare_taken(findings, options);
  } else {
    for (const Problem& problem : loaded.error()) compare_problem(problem, findings);
  }
}
[[maybe_unused]] const Comparison kComparison = compare_with_schema = compare;

}  // namespace
}  // namespace sluice::config
