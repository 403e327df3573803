#include "config/address.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::config {
namespace {

TEST(HostPorts, AreNamesOrAddressesWithAPort) {
  EXPECT_EQ(parse_host_port("kafka-1.example.com:9092").value().host, "kafka-1.example.com");
  EXPECT_EQ(parse_host_port("127.0.0.1:0").value().port, 0);
  EXPECT_EQ(parse_host_port("localhost:65535").value().port, 65535);
}

TEST(HostPorts, LoseTheBracketsOfAnIpv6Address) {
  const HostPort address = parse_host_port("[::1]:9464").value();
  EXPECT_EQ(address.host, "::1");
  EXPECT_EQ(address.port, 9464);
}

TEST(HostPorts, RefuseEverythingElse) {
  for (const char* text :
       {"", ":", "localhost", ":9092", "localhost:", "localhost:x", "localhost:65536",
        "localhost:-1", "::1:9092", "[::1]", "[::1]9092", "[localhost]:1", "a b:1", "a/b:1",
        "PLAINTEXT://localhost:9092", "user@host:1", "localhost:09092"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

TEST(BaseUrls, KeepWhatIsWrittenButTheTrailingSlash) {
  EXPECT_EQ(parse_base_url("https://api.example.com").value().url, "https://api.example.com");
  EXPECT_EQ(parse_base_url("https://api.example.com/").value().url, "https://api.example.com");
  EXPECT_EQ(parse_base_url("https://api.example.com:8443/a/b//").value().url,
            "https://api.example.com:8443/a/b");
  EXPECT_EQ(parse_base_url("https://[2001:db8::1]:8443/a").value().url,
            "https://[2001:db8::1]:8443/a");
  EXPECT_EQ(parse_base_url("https://[2001:db8::1]").value().url, "https://[2001:db8::1]");
}

TEST(BaseUrls, KnowWhatStaysOnThisMachine) {
  for (const char* url : {"http://localhost", "http://LOCALHOST:80", "http://127.0.0.1:8080",
                          "http://127.255.255.254", "http://[::1]:8080/x"}) {
    EXPECT_TRUE(parse_base_url(url).value().loopback) << url;
  }
  for (const char* url :
       {"http://127.1", "http://128.0.0.1", "http://localhost.example.com",
        "http://127.0.0.1.example.com", "http://[::2]", "http://0.0.0.0", "http://[::]"}) {
    EXPECT_FALSE(parse_base_url(url).value().loopback) << url;
  }
}

TEST(BaseUrls, KnowWhetherTheyAreSecure) {
  EXPECT_TRUE(parse_base_url("https://localhost").value().secure);
  EXPECT_FALSE(parse_base_url("http://localhost").value().secure);
}

TEST(BaseUrls, RefuseEverythingElse) {
  for (const char* text : {"",
                           "/",
                           "https:",
                           "https:/",
                           "https://",
                           "http:///",
                           "https:///a",
                           "HTTPS://a",
                           "ftp://a",
                           "//a",
                           "a",
                           "https://a?b",
                           "https://a#b",
                           "https://a/?b",
                           "https://u@a",
                           "https://u:p@a",
                           "https://a:",
                           "https://a:0",
                           "https://a:65536",
                           "https://a:b",
                           "https://::1",
                           "https://[::1",
                           "https://[a]",
                           "https://a b",
                           "https://a/b c",
                           "https://a/..",
                           "https://a\\b",
                           "https://a/%",
                           "https://a,b"}) {
    EXPECT_FALSE(parse_base_url(text)) << text;
  }
}

TEST(BaseUrls, AreNeverQuotedSinceTheyMayHoldAPassword) {
  const Error error = parse_base_url("https://user:s3cr3t@a").error();
  EXPECT_EQ(error.text().find("s3cr3t"), std::string::npos);
}

TEST(Paths, AreTakenAsTheyStand) {
  for (const char* path : {"/", "/events/deposit", "/a/b/", "/a//b", "/a.b/..c/d..", "/a%20b",
                           "/v1:batch", "/a;b=c,d", "/..."}) {
    EXPECT_EQ(parse_path(path).value(), path);
  }
}

TEST(Paths, RefuseWhatWouldLeaveThem) {
  for (const char* path : {"/..", "/../a", "/a/..", "/a/../b", "/.", "/a/./b", "/%2e%2e/a",
                           "/.%2E/a", "/%2e", "/a\\..\\b"}) {
    EXPECT_FALSE(parse_path(path)) << path;
  }
}

TEST(Paths, RefuseWhatIsNoPath) {
  for (const char* path : {"", "a", "?", "/a?b", "/a#b", "/a b", "/a\tb", "/a\nb", "/\x7f",
                           "/caf\u00e9", "/%", "/%1", "/%1g", "//%"}) {
    EXPECT_FALSE(parse_path(path)) << path;
  }
}

}  // namespace
}  // namespace sluice::config
