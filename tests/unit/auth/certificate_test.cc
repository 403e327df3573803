#include "auth/certificate.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace sluice::auth {
namespace {

class CertificateExpiryTest : public testing::Test {
 protected:
  std::optional<WallTime> expiry_of(const std::string& pem) const {
    const std::string path = (dir_.path() / "cert.pem").string();
    std::ofstream(path) << pem;
    return certificate_expiry(path);
  }

  test::TempDir dir_;
};

TEST_F(CertificateExpiryTest, IsTheEndOfTheFirst) {
  const test::TestCa ca;
  const auto now = std::chrono::system_clock::now();
  const auto good = expiry_of(ca.issue("one", std::chrono::hours(2)).cert + ca.pem());
  ASSERT_TRUE(good.has_value());
  EXPECT_GT(*good, now + std::chrono::minutes(90));
  EXPECT_LT(*good, now + std::chrono::minutes(150));
  EXPECT_LT(expiry_of(ca.issue("one", std::chrono::seconds(-60)).cert).value(), now);
}

TEST_F(CertificateExpiryTest, IsUnknownWhereThereIsNone) {
  EXPECT_FALSE(certificate_expiry("/no/such/file").has_value());
  EXPECT_FALSE(expiry_of("").has_value());
  EXPECT_FALSE(expiry_of("-----BEGIN CERTIFICATE-----\nno\n").has_value());
}

}  // namespace
}  // namespace sluice::auth
