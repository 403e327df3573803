#include "codec/tenant.h"

#include <gtest/gtest.h>

namespace sluice::codec {
namespace {

Route grouped(std::vector<std::string> group) { return {"/path", {}, std::move(group)}; }

TEST(TenantTest, IsCalledByTheLastValues) {
  EXPECT_EQ(tenant_of(grouped({"acme"}), 1), "acme");
  EXPECT_EQ(tenant_of(grouped({"region", "acme", "ws1"}), 2), "acme/ws1");
  EXPECT_EQ(tenant_of(grouped({"", ""}), 2), "/");
}

TEST(TenantTest, NoTwoShareAName) {
  EXPECT_EQ(tenant_of(grouped({"a/b", "c"}), 2), "a%2Fb/c");
  EXPECT_EQ(tenant_of(grouped({"a", "b/c"}), 2), "a/b%2Fc");
  EXPECT_EQ(tenant_of(grouped({"a%2Fb", "c"}), 2), "a%252Fb/c");
}

TEST(TenantTest, IsShownOnOneShortLine) {
  EXPECT_EQ(shown_tenant("acme/ws1"), "acme/ws1");
  EXPECT_EQ(shown_tenant("a\nb\xc3\xa9\x7f"), "a\\x0ab\\xc3\\xa9\\x7f");
  EXPECT_EQ(shown_tenant(std::string(101, 'x')), std::string(100, 'x') + "...");
}

}  // namespace
}  // namespace sluice::codec
