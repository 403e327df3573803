#include "auth/keyed_hmac.h"

#include <openssl/core_names.h>

#include <new>
#include <string>
#include <utility>

namespace sluice::auth {

Result<HmacKey> HmacKey::make(std::string_view key, std::string_view digest) {
  std::string name(digest);  // OpenSSL's parameters are not const-correct
  const MacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContextPtr context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()),
                               key.size(), parameters) != 1) {
    return fail("OpenSSL has no HMAC-" + name, "enable OpenSSL's default provider");
  }
  return HmacKey(std::move(context));
}

Hmac::Hmac(const HmacKey& key) : context_(EVP_MAC_CTX_dup(key.keyed_.get())) {
  if (!context_) throw std::bad_alloc();
}

void Hmac::add(std::string_view piece) {
  if (EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(piece.data()),
                     piece.size()) != 1) {
    throw std::bad_alloc();
  }
}

std::span<const unsigned char> Hmac::finish() {
  std::size_t length = 0;
  if (EVP_MAC_final(context_.get(), bytes_.data(), &length, bytes_.size()) != 1) {
    throw std::bad_alloc();
  }
  return {bytes_.data(), length};
}

}  // namespace sluice::auth
