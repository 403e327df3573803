#include "credentials/token_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/temp_dir.h"

namespace sluice::credentials {
namespace {

namespace fs = std::filesystem;
using config::Secret;
using testing::HasSubstr;
using testing::Not;

class TokenStoreTest : public testing::Test {
 protected:
  std::string path() const { return (dir_.path() / "refresh-token").string(); }
  TokenStore open(const std::string& line = "line") const {
    return TokenStore::open(path(), line).value();
  }
  std::string refusal() const {
    const auto store = TokenStore::open(path(), "line");
    return store ? "none" : store.error().text();
  }
  std::string content() const {
    std::stringstream text;
    text << std::ifstream(path()).rdbuf();
    return text.str();
  }
  void write(const std::string& text) const { std::ofstream(path()) << text; }

  test::TempDir dir_;
};

TEST_F(TokenStoreTest, IsEmptyAtFirst) {
  EXPECT_TRUE(open().kept().empty());
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(TokenStoreTest, KeepsTheNewestToken) {
  {
    TokenStore store = open();
    ASSERT_TRUE(store.keep(Secret("first")));
    ASSERT_TRUE(store.keep(Secret("second")));
  }
  EXPECT_EQ(content(), "sluice refresh token 1\nline\nsecond\n");
  EXPECT_EQ(open().kept().reveal(), "second");
}

TEST_F(TokenStoreTest, IsForItsOwnerAlone) {
  TokenStore store = open();
  write("old");
  fs::permissions(path(), fs::perms::all);
  std::ofstream(path() + ".new") << "left by a crash";
  fs::permissions(path() + ".new", fs::perms::all);
  ASSERT_TRUE(store.keep(Secret("token")));
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(path() + ".new"));
}

TEST_F(TokenStoreTest, DoesNotUseTheTokenOfAnotherLine) {
  ASSERT_TRUE(open("one").keep(Secret("token")));
  TokenStore other = open("other");
  EXPECT_TRUE(other.kept().empty());
  ASSERT_TRUE(other.keep(Secret("another")));
  EXPECT_EQ(content(), "sluice refresh token 1\nother\nanother\n");
}

TEST_F(TokenStoreTest, HasOneOwner) {
  {
    const TokenStore owner = open();
    EXPECT_THAT(refusal(), HasSubstr("auth.store: " + path() + " is in use: one process alone"));
  }
  EXPECT_EQ(refusal(), "none");
}

TEST_F(TokenStoreTest, IsOwnedOnByTheOneItWasMovedTo) {
  TokenStore first = open();
  const TokenStore second(std::move(first));
  EXPECT_THAT(refusal(), HasSubstr("is in use"));
}

TEST_F(TokenStoreTest, RefusesFilesOfOthers) {
  for (const char* text :
       {"", "s3cr3t", "sluice refresh token 2\nline\ns3cr3t\n", "sluice refresh token 1\nline\n",
        "sluice refresh token 1\nline\n\n", "sluice refresh token 1\nline\ns3cr3t",
        "sluice refresh token 1\nline\ns3cr3t\nmore\n"}) {
    write(text);
    EXPECT_THAT(refusal(), HasSubstr("is something else than what Sluice wrote there"));
    EXPECT_THAT(refusal(), Not(HasSubstr("s3cr3t")));
    EXPECT_EQ(content(), text);
  }
}

TEST_F(TokenStoreTest, RefusesFoldersThatAreNotThere) {
  const auto store = TokenStore::open((dir_.path() / "none" / "store").string(), "line");
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text(), HasSubstr("store.lock: No such file or directory"));
}

TEST_F(TokenStoreTest, LeavesTheFileAsItWasWhereItCannotWrite) {
  TokenStore store = open();
  ASSERT_TRUE(store.keep(Secret("first")));
  fs::create_directory(path() + ".new");  // also for root, whom no mode keeps out
  const auto kept = store.keep(Secret("s3cr3t"));
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().text(), HasSubstr("cannot write " + path()));
  EXPECT_THAT(kept.error().text(), Not(HasSubstr("s3cr3t")));
  EXPECT_EQ(content(), "sluice refresh token 1\nline\nfirst\n");
}

}  // namespace
}  // namespace sluice::credentials
