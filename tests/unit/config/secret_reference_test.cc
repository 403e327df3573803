#include "config/secret_reference.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "unit/config/scratch_dir.h"

namespace sluice::config {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string value_of(const std::string& reference, const CommandLimits& limits = {}) {
  const auto secret = resolve_reference(reference, limits);
  return secret ? std::string(secret->reveal()) : "error: " + secret.error().text();
}

TEST(SecretReference, ReadsAVariable) {
  setenv("SLUICE_TEST_TOKEN", "s3cr3t", 1);
  EXPECT_EQ(value_of("${env:SLUICE_TEST_TOKEN}"), "s3cr3t");
}

TEST(SecretReference, NamesAVariableThatIsUnsetOrEmpty) {
  unsetenv("SLUICE_TEST_UNSET");
  setenv("SLUICE_TEST_EMPTY", "", 1);
  EXPECT_THAT(value_of("${env:SLUICE_TEST_UNSET}"), HasSubstr("SLUICE_TEST_UNSET}\" is not set"));
  EXPECT_THAT(value_of("${env:SLUICE_TEST_EMPTY}"), HasSubstr("SLUICE_TEST_EMPTY}\" is empty"));
}

TEST(SecretReference, ReadsAFileWithoutItsLastNewline) {
  const ScratchDir dir;
  EXPECT_EQ(value_of("${file:" + dir.write("a", "s3cr3t") + "}"), "s3cr3t");
  EXPECT_EQ(value_of("${file:" + dir.write("b", "s3cr3t\n") + "}"), "s3cr3t");
  EXPECT_EQ(value_of("${dir:" + dir.write("c", "s3cr3t\r\n") + "}"), "s3cr3t");
  EXPECT_EQ(value_of("${file:" + dir.write("d", "two\nlines\n\n") + "}"), "two\nlines\n");
}

TEST(SecretReference, RefusesAFileThatHoldsNothing) {
  const ScratchDir dir;
  EXPECT_THAT(value_of("${file:" + dir.write("a", "") + "}"), HasSubstr("is empty"));
  EXPECT_THAT(value_of("${file:" + dir.write("b", "\n") + "}"), HasSubstr("is empty"));
}

TEST(SecretReference, ReadsAFileUpToTheLimitOnly) {
  const ScratchDir dir;
  const std::string most(kMaxSecretBytes, 'x');
  EXPECT_EQ(value_of("${file:" + dir.write("most", most) + "}"), most);
  const std::string error = value_of("${file:" + dir.write("more", most + "x") + "}");
  EXPECT_THAT(error, HasSubstr("is larger than 64KiB"));
  EXPECT_THAT(error, Not(HasSubstr("xxx")));
}

TEST(SecretReference, DoesNotWaitForAPipe) {
  const ScratchDir dir;
  const std::string pipe = (dir.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(value_of("${file:" + pipe + "}"), HasSubstr("is not a regular file"));
}

TEST(SecretReference, NamesAFileThatMayNotBeRead) {
  const ScratchDir dir;
  const std::string path = dir.write("closed", "s3cr3t");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const bool root = ::geteuid() == 0;
  ASSERT_TRUE(!root || ::seteuid(65534) == 0) << "root may read everything";
  const std::string error = value_of("${file:" + path + "}");
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
  EXPECT_THAT(error, HasSubstr("may not be read"));
}

TEST(SecretReference, TakesTheOutputOfACommand) {
  EXPECT_EQ(value_of("${exec:echo s3cr3t}"), "s3cr3t");
  EXPECT_EQ(value_of("${exec:X=s3cr3t; printf %s ${X}}"), "s3cr3t");
  EXPECT_EQ(value_of("${exec:cat; echo s3cr3t}"), "s3cr3t") << "its input is empty";
}

TEST(SecretReference, HidesTheCommandAndWhatItWrote) {
  const std::string error = value_of("${exec:echo s3cr3t; echo s3cr3t >&2; exit 7}");
  EXPECT_THAT(error, HasSubstr("ended with status 7"));
  EXPECT_THAT(error, Not(HasSubstr("s3cr3t")));
}

TEST(SecretReference, SaysBySignalHowACommandEnded) {
  EXPECT_THAT(value_of("${exec:kill -9 $$}"), HasSubstr("ended with status 137"));
}

TEST(SecretReference, KillsACommandThatTakesTooLong) {
  const CommandLimits limits{std::chrono::milliseconds(30), 100};
  EXPECT_THAT(value_of("${exec:sleep 60}", limits), HasSubstr("not done after 30ms"));
  EXPECT_THAT(value_of("${exec:exec >&-; sleep 60}", limits), HasSubstr("not done after 30ms"));
  EXPECT_THAT(value_of("${exec:while :; do echo; sleep 0.005; done}", limits),
              HasSubstr("not done after 30ms"));
  EXPECT_THAT(value_of("${exec:sleep 60 & echo s3cr3t}", limits), HasSubstr("not done after 30ms"))
      << "what it left behind still holds its output";
}

TEST(SecretReference, KillsWhatACommandLeavesBehind) {
  const ScratchDir dir;
  const std::string pipe = (dir.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int held = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(held, 0);
  EXPECT_EQ(value_of("${exec:exec 3>" + pipe + "; sleep 60 >/dev/null & echo ok}"), "ok");
  pollfd hang_up{held, 0, 0};  // once nobody is left who could write
  EXPECT_EQ(::poll(&hang_up, 1, 10'000), 1);
  ::close(held);
}

TEST(SecretReference, BoundsTheOutputOfACommand) {
  const CommandLimits limits{std::chrono::seconds(5), 10};
  EXPECT_EQ(value_of("${exec:printf 1234567890}", limits), "1234567890");
  EXPECT_THAT(value_of("${exec:printf 12345678901}", limits), HasSubstr("wrote more than 10B"));
  EXPECT_THAT(value_of("${exec:yes}", limits), HasSubstr("wrote more than 10B"));
}

TEST(SecretReference, IsTheWholeValue) {
  setenv("SLUICE_TEST_TOKEN", "s3cr3t", 1);
  for (const char* text :
       {"Bearer ${env:SLUICE_TEST_TOKEN}", "${env:SLUICE_TEST_TOKEN} ", "${env:SLUICE_TEST_TOKEN",
        "${SLUICE_TEST_TOKEN}", "${env:}", "${env:A B}", "${env:1A}", "${}", "${",
        "${ENV:SLUICE_TEST_TOKEN}", "${env:SLUICE_TEST_TOKEN}${env:SLUICE_TEST_TOKEN}",
        "${exec:echo a}${exec:echo b}", "${file:relative}", "${file:}", "${dir:/}", "${exec:}"}) {
    EXPECT_THAT(value_of(text), testing::StartsWith("error: ")) << text;
  }
}

TEST(SecretReference, RefusesANulByte) {
  const ScratchDir dir;
  EXPECT_THAT(value_of("${file:" + dir.write("a", std::string("a\0b", 3)) + "}"),
              HasSubstr("holds a NUL byte"));
}

}  // namespace
}  // namespace sluice::config
