// tests/golden/config_errors: each *.yaml is a wrong configuration, the *.txt beside it what is
// said about it. After a change of messages, SLUICE_UPDATE_GOLDEN=1 in the environment of this
// test writes the *.txt anew; read the difference before it is committed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/loader.h"
#include "unit/config/schema_agreement.h"

namespace sluice::config {
namespace {

namespace fs = std::filesystem;

fs::path golden_dir() { return fs::path(SLUICE_SOURCE_DIR) / "tests/golden/config_errors"; }

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(golden_dir())) {
    if (file.path().extension() == ".yaml") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::string problems_of(const std::string& name) {
  const auto result =
      load_and_compare(read(golden_dir() / (name + ".yaml")), name + ".yaml", {false, 0x020002ff});
  if (result) return "no problem\n";
  std::string out;
  for (const Problem& problem : result.error()) out += problem.text() + "\n";
  return out;
}

class ConfigErrors : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    setenv("API_TOKEN", "s3cr3t", 1);
    setenv("SLUICE_TEST_EMPTY", "", 1);
    unsetenv("SLUICE_TEST_UNSET");
  }
};

TEST_P(ConfigErrors, AreSaidAsTheGoldenFileHasThem) {
  const std::string said = problems_of(GetParam());
  const fs::path golden = golden_dir() / (GetParam() + ".txt");
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << said;
  EXPECT_EQ(said, read(golden));
}

TEST_P(ConfigErrors, NeverHoldASecret) {
  EXPECT_THAT(problems_of(GetParam()), testing::Not(testing::HasSubstr("s3cr3t")));
}

INSTANTIATE_TEST_SUITE_P(Golden, ConfigErrors, testing::ValuesIn(golden_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace sluice::config
