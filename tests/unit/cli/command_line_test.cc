// What a wrong command line is answered with, and what each command's help says.
#include "cli/command_line.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
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

// Without what goes to standard output.
Said run_uncaptured(std::vector<std::string> words) {
  words.insert(words.begin(), "sluice");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  test::FakeClock clock;
  testing::internal::CaptureStderr();
  Said said;
  said.code = run_command_line(static_cast<int>(argv.size()), argv.data(), clock, 1);
  said.err = testing::internal::GetCapturedStderr();
  return said;
}

Said run_words(const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  Said said = run_uncaptured(words);
  said.out = testing::internal::GetCapturedStdout();
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

TEST(CommandLine, SaysThatAnOptionIsGivenTwice) {
  EXPECT_EQ(complaint({"demo", "--rate", "5", "--rate=6"}),
            "sluice: --rate is given twice; keep the one that is meant\n");
  EXPECT_EQ(complaint({"status", "--config", "a", "--watch", "--config", "b"}),
            "sluice: --config is given twice; keep the one that is meant\n");
  EXPECT_EQ(complaint({"dlq", "show", "a.yaml", "--pipeline", "p", "--pipeline", "q"}),
            "sluice: --pipeline is given twice; keep the one that is meant\n");
  EXPECT_THAT(complaint({"dlq", "list", "/nowhere.yaml", "--json", "--json", "--by", "reason",
                         "--by", "hour", "--pipeline", "p", "--pipeline", "q"}),
              StartsWith("/nowhere.yaml"))
      << "some may be repeated";
}

TEST(CommandLine, NamesTheNearestFault) {
  EXPECT_EQ(complaint({"demo", "--fault", "outge"}),
            "sluice demo: --fault: there is no fault \"outge\"; did you mean outage?\n");
  EXPECT_EQ(complaint({"simulate", "--fault", "outge"}),
            "sluice: --fault: there is no fault \"outge\"; did you mean outage?\n");
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

TEST(CommandLine, AHyphenStandsForStandardOutput) {
  const Said said = run_words({"config", "init", "-"});
  EXPECT_EQ(said.code, kOk);
  EXPECT_EQ(said.out, run_words({"config", "init"}).out);
  EXPECT_FALSE(std::filesystem::exists("-"));
}

// A Sluice that answers what it is told to.
test::Reply sluice_without_such_names(const test::SeenRequest& request) {
  if (request.method == "POST") return {.status = 404, .body = "there is no pipeline \"x\"\n"};
  if (request.path == "/livez") return {.status = 200, .body = "ok\n"};
  return {.status = 200,
          .body = R"({"version": "1", "pipelines": [{"name": "deposits"}, {"name": "bets"}],
                      "targets": [{"name": "api"}]})"};
}

std::string act_on(test::ScriptedServer& server, std::vector<std::string> words) {
  ::setenv("SLUICE_ADMIN_TOKEN", "a-token", 1);
  words.insert(words.begin(), "act");
  words.insert(words.end(), {"--url", "http://127.0.0.1:" + std::to_string(server.port())});
  const Said said = run_words(words);
  ::unsetenv("SLUICE_ADMIN_TOKEN");
  EXPECT_EQ(said.code, kFailed);
  return said.err;
}

TEST(CommandLine, AnActionNamesThePipelinesAndTargetsThatThereAre) {
  test::ScriptedServer server(sluice_without_such_names);
  EXPECT_EQ(act_on(server, {"pause", "depsits"}),
            "sluice: there is no pipeline \"depsits\"; did you mean deposits?\n");
  EXPECT_EQ(act_on(server, {"pause", "xyzzy"}),
            "sluice: there is no pipeline \"xyzzy\"; there are deposits and bets\n");
  EXPECT_EQ(act_on(server, {"reset-breaker", "xyzzy"}),
            "sluice: there is no target \"xyzzy\"; there is api\n");
}

// Standard output is `path` while the words run; what standard error says, and the exit code.
Said run_words_into(const char* path, const std::vector<std::string>& words) {
  std::fflush(stdout);
  const int kept = ::dup(STDOUT_FILENO);
  const int file = ::open(path, O_WRONLY);
  ::dup2(file, STDOUT_FILENO);
  const Said said = run_uncaptured(words);
  ::dup2(kept, STDOUT_FILENO);
  ::close(file);
  ::close(kept);
  return said;
}

TEST(CommandLine, SaysThatStandardOutputCannotBeWritten) {
  test::ScriptedServer server([](const test::SeenRequest&) {
    return test::Reply{.status = 200, .body = R"({"version": "1", "pipelines": []})"};
  });
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  ::setenv("SLUICE_ADMIN_TOKEN", "a-token", 1);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"--version"},
                                             {"help"},
                                             {"help", "dlq", "show"},
                                             {"run", "--help"},
                                             {"completions", "bash"},
                                             {"config", "schema"},
                                             {"config", "init"},
                                             {"status", "--url", url},
                                             {"status", "--json", "--url", url},
                                             {"act", "reload", "--url", url}}) {
    const Said said = run_words_into("/dev/full", words);
    EXPECT_EQ(said.code, kFailed) << words.front();
    EXPECT_EQ(said.err,
              "sluice: standard output cannot be written: No space left on device; make room "
              "there, or send it elsewhere\n")
        << words.front();
  }
  ::unsetenv("SLUICE_ADMIN_TOKEN");
  EXPECT_EQ(run_words_into("/dev/full", {"chekc"}).code, kBadInput);
  EXPECT_EQ(run_words({"--version"}).code, kOk) << "it is forgotten";
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
