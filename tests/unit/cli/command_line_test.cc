// What a wrong command line is answered with, and what each command's help says.
#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/cli.h"
#include "cli/help.h"
#include "config/schema.h"
#include "support/fake_clock.h"
#include "support/scripted_server.h"

namespace sluice::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

Said run_words(std::vector<std::string> words) {
  words.insert(words.begin(), "sluice");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  test::FakeClock clock;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = run_command_line(static_cast<int>(argv.size()), argv.data(), clock, 1);
  said.out = testing::internal::GetCapturedStdout();
  said.err = testing::internal::GetCapturedStderr();
  return said;
}

std::string complaint(const std::vector<std::string>& words) {
  const Said said = run_words(words);
  EXPECT_EQ(said.code, kBadInput);
  EXPECT_EQ(said.out, "");
  return said.err;
}

// Each command, those with commands of their own before them.
std::vector<const CLI::App*> all_commands(CLI::App& app) {
  std::vector<const CLI::App*> out{&app};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto below = out[i]->get_subcommands([](const CLI::App*) { return true; });
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(i) + 1, below.begin(), below.end());
  }
  return out;
}

TEST(CommandLine, NamesTheNearestCommand) {
  EXPECT_EQ(complaint({"chekc"}), "sluice: there is no command \"chekc\"; did you mean check?\n");
  EXPECT_EQ(complaint({"dlq", "lst"}),
            "sluice: there is no command \"dlq lst\"; did you mean dlq list?\n");
  EXPECT_EQ(complaint({"config", "shema"}),
            "sluice: there is no command \"config shema\"; did you mean config schema?\n");
  EXPECT_EQ(complaint({"xyzzy"}), "sluice: there is no command \"xyzzy\"; see sluice --help\n");
}

TEST(CommandLine, NamesTheNearestOption) {
  EXPECT_EQ(complaint({"check", "a.yaml", "--oflfine"}),
            "sluice: sluice check has no option \"--oflfine\"; did you mean --offline?\n");
  EXPECT_EQ(complaint({"demo", "--fualt=outage"}),
            "sluice: sluice demo has no option \"--fualt\"; did you mean --fault?\n");
  EXPECT_EQ(complaint({"dlq", "replay", "a.yaml", "--dryrun"}),
            "sluice: sluice dlq replay has no option \"--dryrun\"; did you mean --dry-run?\n");
  EXPECT_EQ(complaint({"run", "a.yaml", "--qqqqqqqq"}),
            "sluice: sluice run has no option \"--qqqqqqqq\"; see sluice run --help\n");
  EXPECT_EQ(complaint({"run", "-q"}),
            "sluice: sluice run has no option \"-q\"; see sluice run --help\n");
}

// A value may look like an option or a command.
TEST(CommandLine, TakesNoValueForAMistake) {
  EXPECT_EQ(complaint({"simulate", "--token", "--weird", "--rate", "0"}),
            "sluice: --rate is 0; let at least one request a second pass\n");
}

TEST(CommandLine, NamesTheCommandsWhereOneIsMissing) {
  EXPECT_THAT(complaint({}), StartsWith("sluice: it needs a command:\n  sluice run "));
  EXPECT_EQ(complaint({"dlq", "--json"}), complaint({"dlq"}));
  EXPECT_EQ(complaint({"--verison"}),
            "sluice: sluice has no option \"--verison\"; did you mean --version?\n");
  EXPECT_THAT(complaint({"dlq"}), StartsWith("sluice: dlq needs one of its commands:\n"));
  EXPECT_THAT(complaint({"config"}), StartsWith("sluice: config needs one of its commands:\n"
                                                "  sluice config schema  "));
}

TEST(CommandLine, ShowsHowItIsWrittenWhereSomethingIsMissing) {
  EXPECT_EQ(complaint({"run"}),
            "sluice: FILE is missing; write it such as: sluice run config/minimal.yaml\n");
  EXPECT_THAT(complaint({"dlq", "show", "a.yaml"}),
              StartsWith("sluice: --pipeline is missing; write it such as: sluice dlq show "));
  EXPECT_THAT(complaint({"completions"}), StartsWith("sluice: SHELL is missing; "));
}

TEST(CommandLine, SaysWhatIsWrongWithAValue) {
  EXPECT_EQ(complaint({"demo", "--rate", "many"}),
            "sluice: --rate: \"many\" is not what it takes; see sluice demo --help\n");
  EXPECT_EQ(complaint({"demo", "--rate"}),
            "sluice: --rate needs a value; see sluice demo --help\n");
  EXPECT_EQ(complaint({"dlq", "replay", "a.yaml", "--since", ""}),
            "sluice: --since needs a value; see sluice dlq replay --help\n")
      << "a variable that is not set is not the wish for all";
  EXPECT_EQ(complaint({"act", "dead-letter", "p", "--topic", "", "--partition", ""}),
            "sluice: --topic needs a value; see sluice act --help\n");
  EXPECT_EQ(complaint({"explain", "a.yaml", "--record", ""}),
            "sluice: --record needs a value; see sluice explain --help\n");
  EXPECT_EQ(complaint({"run", "a.yaml", "b.yaml"}),
            "sluice: sluice run has no place for \"b.yaml\"; see sluice run --help\n");
  EXPECT_EQ(complaint({"status", "--url", "http://a", "--config", "b"}),
            "sluice: --url does not go with --config; keep one of the two\n");
  EXPECT_THAT(complaint({"completions", "tcsh"}),
              HasSubstr("there are no completions for \"tcsh\"; write bash, zsh or fish\n"));
  EXPECT_THAT(complaint({"config", "init", "--target", "ftp"}),
              HasSubstr("there is no \"ftp\"; write generic or data-pipeline\n"));
}

TEST(CommandLine, ASimulatorNamesItsOptionWhereItsPortIsTaken) {
  const test::ScriptedServer taken([](const test::SeenRequest&) { return test::Reply{}; });
  const std::string address = "127.0.0.1:" + std::to_string(taken.port());
  const Said said = run_words({"simulate", "--listen", address});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_EQ(said.err, "sluice: cannot listen on " + address +
                          ": address in use; stop the other process or choose another port: "
                          "--listen HOST:PORT\n");
}

TEST(CommandLine, PrintsTheSchema) {
  const Said said = run_words({"config", "schema"});
  EXPECT_EQ(said.code, kOk);
  EXPECT_EQ(said.out, config::json_schema());
}

TEST(CommandLine, HelpIsTheSameEitherWay) {
  const Said option = run_words({"dlq", "replay", "--help"});
  EXPECT_EQ(option.code, kOk);
  EXPECT_THAT(option.out, StartsWith("Usage: sluice dlq replay FILE [options]\n"));
  EXPECT_EQ(run_words({"help", "dlq", "replay"}).out, option.out);
  EXPECT_EQ(run_words({"help"}).out, run_words({"--help"}).out);
  EXPECT_EQ(complaint({"help", "dql"}), "sluice: there is no command \"dql\"; did you mean dlq?\n");
}

TEST(CommandLine, EachCommandHasAnExampleAndItsExitCodes) {
  CommandLine commands;
  for (const CLI::App* command : all_commands(commands.app())) {
    if (!command->get_subcommands([](const CLI::App*) { return true; }).empty()) continue;
    const std::string help = help_of(*command);
    EXPECT_THAT(help, HasSubstr("\nExample: ")) << help;
    EXPECT_THAT(help, HasSubstr("\nExit codes: 0 ")) << help;
  }
}

// docs/commands.md; SLUICE_UPDATE_GOLDEN=1 in the environment of this test writes it anew.
TEST(CommandLine, TheDocumentationHasTheHelpOfEachCommand) {
  constexpr const char* kDocs = SLUICE_SOURCE_DIR "/docs/commands.md";
  const auto read = [] {
    std::ifstream in(kDocs);
    std::stringstream content;
    content << in.rdbuf();
    return content.str();
  };
  constexpr std::string_view kBegin = "<!-- all below is made by unit_cli -->\n";
  const std::string docs = read();
  const std::size_t begin = docs.find(kBegin);
  ASSERT_NE(begin, docs.npos);
  std::string wanted = docs.substr(0, begin + kBegin.size());
  CommandLine commands;
  for (const CLI::App* command : all_commands(commands.app())) {
    wanted += "\n## " + full_name(*command) + "\n\n```\n" + help_of(*command) + "```\n";
  }
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(kDocs) << wanted;
  EXPECT_EQ(read(), wanted) << "SLUICE_UPDATE_GOLDEN=1 takes it over";
}

}  // namespace
}  // namespace sluice::cli
