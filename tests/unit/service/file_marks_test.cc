#include "service/file_marks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace sluice::service {
namespace {

class FileWatchTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (dir_.path() / name).string(); }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name)) << content;
  }

  test::TempDir dir_;
};

TEST_F(FileWatchTest, TellsOfEachChangeOnceItIsStill) {
  write("a", "one");
  FileWatch watch({path("a")});
  EXPECT_FALSE(watch.changed());
  write("a", "two");
  EXPECT_FALSE(watch.changed()) << "it may be half written";
  write("a", "three");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, WhatIsWrittenAnewTheSameIsNoChange) {
  write("a", "one");
  FileWatch watch({path("a")});
  write("a", "two");
  EXPECT_FALSE(watch.changed());
  write("a", "one");
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, WhatIsDoubtedIsAChangeOnce) {
  write("a", "one");
  FileWatch watch({path("a")});
  watch.doubt();
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, FollowsLinksThatAreSwapped) {
  write("v1", "one");
  write("v2", "two");
  std::filesystem::create_symlink("v1", path("link"));
  FileWatch watch({path("link")});
  std::filesystem::create_symlink("v2", path("next"));
  std::filesystem::rename(path("next"), path("link"));
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, AFileThatGoesAndComesIsAChangeEachTime) {
  write("a", "");
  FileWatch watch({path("a")});
  std::filesystem::remove(path("a"));
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
  write("a", "");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

}  // namespace
}  // namespace sluice::service
