#include "base/url_path.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(UrlPathTest, FindsDotSegmentsHoweverTheyAreWritten) {
  for (const char* path : {"/a/..", "/../a", "/a/./b", "/.", "/%2e%2E/a", "/a/.%2e/b", "/%2e"}) {
    EXPECT_TRUE(has_dot_segment(path)) << path;
  }
  for (const char* path : {"/a/...", "/.a", "/a..b/c", "/", "", "/a/%2ea", "/a%2f.."}) {
    EXPECT_FALSE(has_dot_segment(path)) << path;
  }
}

TEST(UrlPathTest, EncodesAllButUnreservedCharacters) {
  std::string out = "/";
  append_encoded("aZ09-._~", out);
  append_encoded(std::string_view("/?#%& \0\xc3\xa9", 9), out);
  EXPECT_EQ(out, "/aZ09-._~%2F%3F%23%25%26%20%00%C3%A9");
}

}  // namespace
}  // namespace sluice
