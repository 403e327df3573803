// What the tab key makes of a line: bash and zsh are typed into, in a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/command_words.h"
#include "cli/completions.h"
#include "support/temp_dir.h"

namespace sluice::cli {
namespace {

using testing::ElementsAre;

constexpr std::string_view kReady = "shell-is-ready> ";
constexpr int kPatience = 10'000;  // milliseconds in which nothing is shown

// A folder with config/, mine.yaml and "my file.yaml", and a shell that notes what `sluice` gets.
class TypedCompletionsTest : public testing::Test {
 protected:
  TypedCompletionsTest() {
    std::filesystem::create_directories(dir_.path() / "here" / "config");
    for (const char* name : {"mine.yaml", "my file.yaml"}) std::ofstream(here() + "/" + name);
  }

  std::string here() const { return dir_.path() / "here"; }

  // What `sluice` got of each of these lines, after tab and enter: its words, with | behind each.
  std::vector<std::string> in_bash(const std::vector<std::string>& lines) {
    CommandLine commands;
    write(".bashrc", "PS1='" + std::string(kReady) + "'\n" + kNote +
                         bash_completions(command_words(commands.app())));
    return typed({"bash", "--rcfile", dir_.path() / ".bashrc", "-i"}, lines);
  }
  std::vector<std::string> in_zsh(const std::vector<std::string>& lines) {
    CommandLine commands;
    write(".zshrc", "PS1='" + std::string(kReady) + "'\n" + kNote +
                        "autoload -Uz compinit && compinit -u -D\n" +
                        zsh_completions(command_words(commands.app())));
    return typed({"zsh", "-d", "-i"}, lines);
  }

 private:
  static constexpr const char* kNote =
      "sluice() { { printf '%s|' \"$@\"; echo; } >> \"$HOME/noted\"; }\n";

  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path() / name) << text;
  }
  std::vector<std::string> typed(const std::vector<std::string>& shell,
                                 const std::vector<std::string>& lines);

  test::TempDir dir_;
};

[[noreturn]] void become(const std::vector<std::string>& shell, const std::string& home,
                         const std::string& folder) {
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("ZDOTDIR", home.c_str(), 1);
  ::setenv("TERM", "dumb", 1);
  ::unsetenv("INPUTRC");
  std::vector<char*> argv;
  for (const std::string& word : shell) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
  ::_exit(127);
}

std::vector<std::string> TypedCompletionsTest::typed(const std::vector<std::string>& shell,
                                                     const std::vector<std::string>& lines) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) become(shell, dir_.path(), here());
  std::string shown;
  std::string keys;
  for (const std::string& line : lines) keys += line + "\t\n";
  keys += "exit\n";
  std::array<char, 4096> buffer{};
  // A terminal whose last user has left cannot be read. A shell that waits for more is killed.
  pollfd readable{terminal, POLLIN, 0};
  while (::poll(&readable, 1, kPatience) == 1) {
    const ssize_t got = ::read(terminal, buffer.data(), buffer.size());
    if (got <= 0) break;
    const bool was_ready = shown.find(kReady) != shown.npos;
    shown.append(buffer.data(), static_cast<std::size_t>(got));
    if (was_ready || shown.find(kReady) == shown.npos) continue;
    EXPECT_EQ(::write(terminal, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  ::close(terminal);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  std::vector<std::string> noted;
  std::ifstream in(dir_.path() / "noted");
  for (std::string words; std::getline(in, words);) noted.push_back(words);
  EXPECT_EQ(noted.size(), lines.size()) << shown;
  return noted;
}

TEST_F(TypedCompletionsTest, BashMakesNoFolderOfACommand) {
  EXPECT_THAT(in_bash({"sluice conf", "sluice run conf"}), ElementsAre("config|", "run|config/|"));
}

TEST_F(TypedCompletionsTest, BashTakesFilesWithBlanks) {
  EXPECT_THAT(in_bash({"sluice run my", "sluice run \"my f"}),
              ElementsAre("run|my file.yaml|", "run|my file.yaml|"));
}

TEST_F(TypedCompletionsTest, BashCompletesBehindAnEqualsSign) {
  EXPECT_THAT(in_bash({"sluice status --config=mi", "sluice demo --fault=ou"}),
              ElementsAre("status|--config=mine.yaml|", "demo|--fault=outage|"));
}

TEST_F(TypedCompletionsTest, ZshCompletesCommandsFilesAndValues) {
  EXPECT_THAT(in_zsh({"sluice conf", "sluice help dlq sh", "sluice act pa", "sluice act pause pa",
                      "sluice act --topic t pa", "sluice run my", "sluice status --config=mi",
                      "sluice demo --fault=ou", "sluice check mine.yaml --off"}),
              ElementsAre("config|", "help|dlq|show|", "act|pause|", "act|pause|pa|",
                          "act|--topic|t|pause|", "run|my file.yaml|", "status|--config=mine.yaml|",
                          "demo|--fault=outage|", "check|mine.yaml|--offline|"));
}

}  // namespace
}  // namespace sluice::cli
