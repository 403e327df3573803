// The configurations that ship: each passes `sluice check --offline`, and one whose credentials are
// not there says which and how.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kConfig = std::filesystem::path(SLUICE_SOURCE_DIR) / "config";

struct Checked {
  int code = -1;
  std::string out;
};

Checked check(const std::string& file, const std::map<std::string, std::string>& env) {
  const TempDir dir;
  const auto said = dir.path() / "said";
  ChildProcess child({.argv = {sluice_binary(), "check", "--offline", (kConfig / file).string()},
                      .env = env,
                      .out_file = said,
                      .err_file = said});
  const auto status = child.wait(std::chrono::seconds(20));
  std::ifstream in(said);
  return {status ? status->code : -1, {std::istreambuf_iterator<char>(in), {}}};
}

struct Preset {
  std::string file;
  std::string variable;
};

class Presets : public testing::TestWithParam<Preset> {};

TEST_P(Presets, PassesWithItsCredentials) {
  const auto checked = check(GetParam().file, {{GetParam().variable, "a-token"}});
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(checked.out, Not(HasSubstr("a-token")));
}

TEST_P(Presets, NamesTheVariableThatIsNotSet) {
  const auto checked = check(GetParam().file, {});
  EXPECT_EQ(checked.code, 2) << checked.out;
  EXPECT_THAT(checked.out, HasSubstr(GetParam().file + ":"));
  EXPECT_THAT(checked.out, HasSubstr("is not set; set the variable " + GetParam().variable));
}

INSTANTIATE_TEST_SUITE_P(Shipped, Presets,
                         testing::Values(Preset{"minimal.yaml", "API_TOKEN"},
                                         Preset{"generic-http.yaml", "API_TOKEN"},
                                         Preset{"data-pipeline.yaml", "DATA_PIPELINE_TOKEN"}),
                         [](const auto& preset) {
                           return preset.param.file.substr(0,
                                                           preset.param.file.find_first_of("-."));
                         });

TEST(PresetFiles, AreAllTriedHere) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kConfig)) {
    files += entry.path().extension() == ".yaml" ? 1 : 0;
  }
  EXPECT_EQ(files, 3U);
}

}  // namespace
}  // namespace sluice::test
