#include "check/certificate_check.h"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <optional>

#include "auth/certificate.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"
#include "unit/check/findings.h"

namespace sluice::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CertificateCheckTest : public testing::Test {
 protected:
  std::vector<std::string> check(std::chrono::hours from_its_end) {
    Findings findings;
    check_own_certificate("kafka.tls.cert", path_, "a reload takes the new one",
                          *end_ - from_its_end, findings.report());
    return findings.lines();
  }

  test::TempDir dir_;
  const std::string path_ = write(dir_, test::TestCa().issue("sluice").cert);
  const std::optional<WallTime> end_ = auth::certificate_expiry(path_);

 private:
  static std::string write(const test::TempDir& dir, const std::string& pem) {
    const auto path = dir.path() / "cert.pem";
    std::ofstream(path) << pem;
    return path.string();
  }
};

TEST_F(CertificateCheckTest, WarnsForTwoWeeksBeforeTheEnd) {
  constexpr int kDay = 24;
  EXPECT_THAT(check(std::chrono::hours(14 * kDay)), IsEmpty());
  EXPECT_THAT(check(std::chrono::hours(14 * kDay - 1)),
              ElementsAre("warn kafka.tls.cert: " + path_ +
                          " is good for 13 days only; have it renewed; a reload takes the new "
                          "one"));
  EXPECT_THAT(check(std::chrono::hours(0)),
              ElementsAre("FAIL kafka.tls.cert: " + path_ + " has expired; have it renewed"));
}

TEST_F(CertificateCheckTest, SaysNothingOfAFileThatIsNoCertificate) {
  Findings findings;
  check_own_certificate("kafka.tls.cert", "/no/such/file", "", {}, findings.report());
  EXPECT_THAT(findings.lines(), IsEmpty());
}

}  // namespace
}  // namespace sluice::check
