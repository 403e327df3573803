#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace sluice::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// No broker is where the configuration says: who asks one ends with kFailed.
class DlqCommandLineTest : public testing::Test {
 protected:
  DlqCommandLineTest() {
    std::ofstream(path()) << "kafka: {brokers: [\"127.0.0.1:1\"]}\n"
                             "targets: {api: {base_url: https://api.example.com}}\n"
                             "pipelines: {p: {topics: [t], group: g, target: api, path: /d, "
                             "dead_letter: {topic: dlq}}}\n";
  }
  std::string path() const { return dir_.path() / "sluice.yaml"; }

  // The complaint about a command line that is wrong.
  std::string complaint(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"sluice", "dlq"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    testing::internal::CaptureStderr();
    const int code = run_command_line(static_cast<int>(argv.size()), argv.data(), clock_, 1);
    EXPECT_EQ(code, kBadInput);
    return testing::internal::GetCapturedStderr();
  }
  std::string replay_complaint(std::vector<std::string> options) {
    options.insert(options.begin(), {"replay", path(), "--pipeline", "p"});
    return complaint(options);
  }

  test::TempDir dir_;
  test::FakeClock clock_;
};

TEST_F(DlqCommandLineTest, AloneItNamesItsCommands) {
  EXPECT_THAT(
      complaint({}),
      AllOf(StartsWith("sluice: dlq needs one of its commands:\n"),
            HasSubstr("\n  sluice dlq list    Count "), HasSubstr("\n  sluice dlq show    Show "),
            HasSubstr("\n  sluice dlq replay  Send "), Not(HasSubstr("subcommand"))));
}

TEST_F(DlqCommandLineTest, ARateHasAUnit) {
  EXPECT_EQ(replay_complaint({"--rate", "5"}),
            "sluice: --rate: \"5\" has no unit; write 5/s, 5/m or 5/h\n");
}

TEST_F(DlqCommandLineTest, ARangeOfOffsetsHoldsAtLeastOne) {
  EXPECT_EQ(replay_complaint({"--from-offset", "10", "--to-offset", "5"}),
            "sluice: --to-offset 5 is below --from-offset 10: no letter is between them; swap the "
            "two, or leave one of them out\n");
}

TEST_F(DlqCommandLineTest, AStretchOfTimeHoldsAtLeastAMoment) {
  EXPECT_EQ(complaint({"list", path(), "--since", "1h", "--until", "2h"}),
            "sluice: --until 2h is not after --since 1h: no letter is between them; swap the two, "
            "or leave one of them out\n");
}

TEST_F(DlqCommandLineTest, ALimitIsOneOrMore) {
  for (const char* wrong : {"0", "many"}) {
    EXPECT_THAT(replay_complaint({"--limit", wrong}),
                StartsWith("sluice: --limit: \"" + std::string(wrong) +
                           "\" is no number of letters; write 1 or above, or leave --limit out "
                           "for all of them\n"));
  }
}

TEST_F(DlqCommandLineTest, AnOffsetIsAWholeNumber) {
  for (const char* option : {"--from-offset", "--to-offset"}) {
    EXPECT_THAT(replay_complaint({option, "x"}),
                StartsWith("sluice: " + std::string(option) +
                           ": \"x\" is no offset; write a whole number, 0 or above\n"));
  }
}

}  // namespace
}  // namespace sluice::cli
