#include "auth/certificate.h"

#include <openssl/pem.h>

#include <chrono>
#include <ctime>

#include "auth/openssl.h"

namespace sluice::auth {

std::optional<WallTime> certificate_expiry(const std::string& path) {
  const BioPtr file(BIO_new_file(path.c_str(), "r"));
  if (file == nullptr) return std::nullopt;
  const X509Ptr certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  std::tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return std::nullopt;
  }
  return std::chrono::system_clock::from_time_t(timegm(&end));
}

}  // namespace sluice::auth
