// What the shells offer: bash is asked itself, the others' scripts are read by them.
#include "cli/completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command_line.h"
#include "cli/command_words.h"
#include "support/temp_dir.h"

namespace sluice::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<CommandWords> words() {
  CommandLine commands;
  return command_words(commands.app());
}

struct Ended {
  int code = 0;
  std::string out;
};

Ended run_shell(const std::string& command) {
  Ended ended;
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ended.out.append(buffer.data(), got);
  }
  ended.code = ::pclose(pipe);
  return ended;
}

class CompletionsTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = dir_.path() / name;
    std::ofstream(path) << text;
    return path;
  }

  // What bash offers for the last of these words; "FILES" where it completes them itself.
  std::vector<std::string> offers(const std::vector<std::string>& line) {
    std::string script = "compopt() { [[ $* == '-o default' ]] && echo FILES; }\n" +
                         bash_completions(words()) + "COMP_WORDS=(";
    for (const std::string& word : line) script += " '" + word + "'";
    script += ")\nCOMP_CWORD=" + std::to_string(line.size() - 1) +
              "\n_sluice\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    const Ended ended = run_shell("bash --norc " + write("script", script));
    EXPECT_EQ(ended.code, 0) << ended.out;
    std::vector<std::string> out;
    std::istringstream in(ended.out);
    for (std::string word; std::getline(in, word);) {
      if (!word.empty()) out.push_back(word);
    }
    return out;
  }

  test::TempDir dir_;
};

TEST_F(CompletionsTest, BashOffersCommands) {
  const auto all = offers({"sluice", ""});
  for (const CommandWords& command : words()) {
    if (command.path.empty() || command.path.find(' ') != std::string::npos) continue;
    EXPECT_THAT(all, Contains(command.path));
  }
  EXPECT_THAT(all, Contains("--version"));
  EXPECT_THAT(offers({"sluice", "ch"}), ElementsAre("check"));
  EXPECT_THAT(offers({"sluice", "dlq", "re"}), ElementsAre("replay"));
  EXPECT_THAT(offers({"sluice", "help", "ru"}), ElementsAre("run"));
}

TEST_F(CompletionsTest, BashOffersOptionsOfTheCommandThatIsThere) {
  EXPECT_THAT(offers({"sluice", "check", "a.yaml", "--o"}), ElementsAre("--offline"));
  EXPECT_THAT(offers({"sluice", "run", "--o"}), ElementsAre());
  EXPECT_THAT(offers({"sluice", "dlq", "replay", "--dry"}), ElementsAre("--dry-run"));
  EXPECT_THAT(offers({"sluice", "demo", "--started"}), ElementsAre()) << "it is hidden";
}

TEST_F(CompletionsTest, BashOffersValuesAndFiles) {
  EXPECT_THAT(offers({"sluice", "demo", "--fault", "o"}), ElementsAre("outage"));
  EXPECT_THAT(offers({"sluice", "act", "pau"}), ElementsAre("pause"));
  EXPECT_THAT(offers({"sluice", "act", "log-level", "--level", "w"}), ElementsAre("warn"));
  EXPECT_THAT(offers({"sluice", "completions", "f"}), ElementsAre("fish"));
  EXPECT_THAT(offers({"sluice", "run", "a"}), ElementsAre("FILES"));
  EXPECT_THAT(offers({"sluice", "run", ""}), ElementsAre("FILES"));
  EXPECT_THAT(offers({"sluice", "status", "--config", "a"}), ElementsAre("FILES"));
  EXPECT_THAT(offers({"sluice", "status", "--config", "=", "a"}), ElementsAre("FILES"));
  EXPECT_THAT(offers({"sluice", "demo", "--fault", "="}), Contains("outage"));
  EXPECT_THAT(offers({"sluice", "demo", "a"}), ElementsAre());
  EXPECT_THAT(offers({"sluice", "demo", "--rate", ""}), ElementsAre()) << "any number";
}

// Each argument has its own place.
TEST_F(CompletionsTest, BashOffersWhatMayFollowThere) {
  EXPECT_THAT(offers({"sluice", "help", "dlq", ""}), ElementsAre("list", "show", "replay"));
  EXPECT_THAT(offers({"sluice", "help", "run", ""}), ElementsAre());
  EXPECT_THAT(offers({"sluice", "help", "dlq", "list", ""}), ElementsAre());
  const auto behind_action = offers({"sluice", "act", "pause", ""});
  EXPECT_THAT(behind_action, AllOf(Contains("--topic"), Not(Contains("pause"))));
  EXPECT_EQ(offers({"sluice", "act", "--topic", "t", "--partition", "0", "pause", ""}),
            behind_action);
  EXPECT_EQ(offers({"sluice", "act", "--url", "http", ":", "//a", ":", "1", "pause", ""}),
            behind_action);
  EXPECT_THAT(offers({"sluice", "act", "--topic", "t", "pau"}), ElementsAre("pause"));
  EXPECT_THAT(offers({"sluice", "act", "--topic", "=", "run", "pau"}), ElementsAre("pause"));
  EXPECT_THAT(offers({"sluice", "run", "a.yaml", ""}), Not(Contains("FILES")));
  EXPECT_THAT(offers({"sluice", "completions", "bash", "f"}), ElementsAre());
}

// A shell that is not there reads nothing: scripts/packages has both.
TEST_F(CompletionsTest, ZshAndFishReadTheirs) {
  const std::pair<const char*, std::string> scripts[] = {{"zsh", zsh_completions(words())},
                                                         {"fish", fish_completions(words())}};
  for (const auto& [shell, script] : scripts) {
    EXPECT_THAT(script, AllOf(HasSubstr("replay"), HasSubstr("offline"), HasSubstr("outage"),
                              Not(HasSubstr("started-at"))));
    const Ended ended = run_shell(std::string(shell) + " -n " + write(shell, script));
    EXPECT_EQ(ended.code, 0) << ended.out;
    EXPECT_EQ(ended.out, "") << shell;
  }
}

TEST_F(CompletionsTest, FishOffersThemItself) {
  const auto offered = [&](const std::string& line) {
    write("my file.yaml", "");
    const std::string script =
        fish_completions(words()) + "cd " + dir_.path().string() + "\ncomplete -C'" + line + "'\n";
    const Ended ended = run_shell("HOME=" + dir_.path().string() + " fish --no-config " +
                                  write("offer.fish", script));
    EXPECT_EQ(ended.code, 0) << ended.out;
    return ended.out;
  };
  EXPECT_THAT(offered("sluice ch"), HasSubstr("check\tSay whether"));
  EXPECT_THAT(offered("sluice dlq replay --dry"), HasSubstr("--dry-run\t"));
  EXPECT_THAT(offered("sluice demo --fault o"), HasSubstr("outage"));
  EXPECT_THAT(offered("sluice run --o"), Not(HasSubstr("--offline")));
  EXPECT_THAT(offered("sluice help dlq "), AllOf(HasSubstr("show\t"), Not(HasSubstr("check"))));
  EXPECT_EQ(offered("sluice help dlq show "), "");
  EXPECT_THAT(offered("sluice act --topic t "), HasSubstr("pause"));
  EXPECT_EQ(offered("sluice act pause "), "");
  EXPECT_EQ(offered("sluice act --topic t pause "), "");
  EXPECT_THAT(offered("sluice run my"), HasSubstr("file.yaml"));
  EXPECT_EQ(offered("sluice run a.yaml my"), "");
  EXPECT_THAT(offered("sluice status --config=my"), HasSubstr("file.yaml"));
}

}  // namespace
}  // namespace sluice::cli
