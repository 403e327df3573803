// HMAC (RFC 2104) with a key that many messages share.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "auth/openssl.h"
#include "base/result.h"

namespace sluice::auth {

// Immutable, so thread-safe. OpenSSL wipes its copy of the key when it frees it.
class HmacKey {
 public:
  // `digest` is OpenSSL's name, such as "SHA256". Fails only where OpenSSL has no such HMAC.
  static Result<HmacKey> make(std::string_view key, std::string_view digest);

 private:
  friend class Hmac;
  explicit HmacKey(MacContextPtr keyed) : keyed_(std::move(keyed)) {}

  MacContextPtr keyed_;  // never fed: each message starts from a duplicate
};

// Of one message, piece by piece. With a key in hand OpenSSL fails for want of memory only:
// std::bad_alloc.
class Hmac {
 public:
  explicit Hmac(const HmacKey& key);
  void add(std::string_view piece);
  // Once. The bytes live as long as this.
  std::span<const unsigned char> finish();

 private:
  MacContextPtr context_;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes_;
};

}  // namespace sluice::auth
