// What `sluice config init` writes is a configuration, and what it shows as defaults are defaults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "check/lint.h"
#include "cli/cli.h"
#include "cli/config_command.h"
#include "config/loader.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace sluice::cli {
namespace {

class FirstConfiguration : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    setenv("API_TOKEN", "s3cr3t", 1);
    setenv("DATA_PIPELINE_TOKEN", "s3cr3t", 1);
  }
  static config::Config load(const std::string& text) {
    auto loaded = config::load_text(text, "sluice.yaml", {});
    if (loaded) return std::move(*loaded);
    for (const auto& problem : loaded.error()) ADD_FAILURE() << problem.text();
    return {};
  }
};

// "    # timeout: 30s   # of one request": the key as if it were not commented out.
std::string with_defaults(std::string_view text) {
  static const std::regex kCommentedOut("( *)# ([a-z_]+: .*)");
  std::istringstream in{std::string(text)};
  std::string out;
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (std::regex_match(line, found, kCommentedOut)) line = found[1].str() + found[2].str();
    out += line + "\n";
  }
  return out;
}

TEST_P(FirstConfiguration, IsOneThatWouldRun) {
  const auto config = load(std::string(first_configuration(GetParam())));
  EXPECT_EQ(config.pipelines.size(), 1U);
  const test::FakeClock clock;
  EXPECT_TRUE(check::lint(config, clock).empty());
}

TEST_P(FirstConfiguration, ShowsDefaultsAsTheyAre) {
  const std::string text(first_configuration(GetParam()));
  const std::string all = with_defaults(text);
  ASSERT_NE(all, text);
  auto shown = load(all);
  auto plain = load(text);
  plain.kafka.tls.off = shown.kafka.tls.off;  // off said aloud says nothing more without a login
  EXPECT_EQ(shown, plain);
}

INSTANTIATE_TEST_SUITE_P(Targets, FirstConfiguration, testing::Values("generic", "data-pipeline"),
                         [](const auto& test) {
                           return std::string(test.param) == "generic" ? "generic"
                                                                       : "data_pipeline";
                         });

class ConfigInit : public testing::Test {
 protected:
  int init(std::vector<std::string> words) {
    words.insert(words.begin(), {"sluice", "config", "init"});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_command_line(static_cast<int>(argv.size()), argv.data(), clock_, 1);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }
  std::string content() const {
    std::ifstream in(path());
    std::stringstream content;
    content << in.rdbuf();
    return content.str();
  }
  std::string path() const { return dir_.path() / "sluice.yaml"; }

  test::TempDir dir_;
  test::FakeClock clock_;
  std::string out_;
  std::string err_;
};

TEST_F(ConfigInit, PrintsItWithoutAFile) {
  EXPECT_EQ(init({}), kOk);
  EXPECT_EQ(out_, first_configuration("generic"));
}

TEST_F(ConfigInit, WritesTheFile) {
  EXPECT_EQ(init({path(), "--target", "data-pipeline"}), kOk);
  EXPECT_EQ(content(), first_configuration("data-pipeline"));
  EXPECT_THAT(out_, testing::HasSubstr("sluice check " + path()));
}

TEST_F(ConfigInit, KeepsAFileThatIsThere) {
  std::ofstream(path()) << "mine";
  EXPECT_EQ(init({path()}), kFailed);
  EXPECT_EQ(err_, "sluice: \"" + path() +
                      "\" is there already; choose another name, or overwrite "
                      "it with --force\n");
  EXPECT_EQ(content(), "mine");
  EXPECT_EQ(init({path(), "--force"}), kOk);
  EXPECT_EQ(content(), first_configuration("generic"));
}

TEST_F(ConfigInit, SaysWhereItCannotWrite) {
  EXPECT_EQ(init({dir_.path() / "no/such/folder.yaml"}), kFailed);
  EXPECT_THAT(err_, testing::HasSubstr("cannot be written: No such file or directory; choose"));
}

}  // namespace
}  // namespace sluice::cli
