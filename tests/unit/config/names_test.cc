#include "config/names.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::config {
namespace {

TEST(Names, AreUpTo64SimpleCharacters) {
  EXPECT_EQ(parse_name("Data-pipeline_1.b").value(), "Data-pipeline_1.b");
  EXPECT_TRUE(parse_name(std::string(64, 'x')));
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a b"),
                                  std::string("a/b"), std::string("caf\u00e9")}) {
    EXPECT_FALSE(parse_name(name)) << name;
  }
}

TEST(Names, OfInstancesMayBeLonger) {
  EXPECT_TRUE(parse_instance_id(std::string(128, 'x')));
  EXPECT_FALSE(parse_instance_id(std::string(129, 'x')));
}

TEST(Topics, FollowKafkasRule) {
  EXPECT_EQ(parse_topic("events.deposit_v-1").value(), "events.deposit_v-1");
  EXPECT_TRUE(parse_topic("..."));
  EXPECT_TRUE(parse_topic(std::string(249, 'x')));
  for (const std::string& topic : {std::string(), std::string("."), std::string(".."),
                                   std::string("a b"), std::string("a:b"), std::string(250, 'x')}) {
    EXPECT_FALSE(parse_topic(topic)) << topic;
  }
}

TEST(Groups, MayHoldBlanksButNoControlCharacters) {
  EXPECT_TRUE(parse_group("a group"));
  EXPECT_TRUE(parse_group("caf\u00e9"));
  for (const std::string& group :
       {std::string(), std::string("a\nb"), std::string("a\x7f"), std::string(256, 'x')}) {
    EXPECT_FALSE(parse_group(group)) << group;
  }
}

TEST(HeaderNames, AreTokens) {
  EXPECT_TRUE(parse_header_name("Idempotency-Key"));
  for (const char* name : {"", "a b", "a:b", "a\r\nb", "caf\u00e9", "(a)"}) {
    EXPECT_FALSE(parse_header_name(name)) << name;
  }
}

TEST(HeaderNames, AreNotThoseOfTheMessageItself) {
  for (const char* name : {"Content-Length", "content-type", "HOST", "Transfer-Encoding", "Expect",
                           "Connection", "Content-Encoding"}) {
    EXPECT_FALSE(parse_header_name(name)) << name;
  }
}

TEST(JsonPointers, BeginWithASlashAndEscapeTildes) {
  for (const char* pointer : {"/", "/accepted", "/a/0/b", "/a~0b/~1c", "/~01"}) {
    EXPECT_TRUE(parse_json_pointer(pointer)) << pointer;
  }
  for (const char* pointer : {"", "accepted", "#/accepted", "/~", "/a~2", "$.a"}) {
    EXPECT_FALSE(parse_json_pointer(pointer)) << pointer;
  }
}

}  // namespace
}  // namespace sluice::config
