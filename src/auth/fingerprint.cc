#include "auth/fingerprint.h"

#include <array>
#include <new>

#include "auth/encoding.h"
#include "auth/openssl.h"

namespace sluice::auth {

std::string fingerprint(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return lower_hex({hash.data(), 8});
}

}  // namespace sluice::auth
