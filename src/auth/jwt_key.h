// A private key that signs JWTs, as RFC 7518 (section 3) and RFC 8037 want it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "auth/openssl.h"
#include "base/result.h"
#include "config/oauth2.h"
#include "config/secret.h"

namespace sluice::auth {

// Immutable; for one thread at a time. OpenSSL wipes the key when it frees it.
class JwtKey {
 public:
  // `pem` is a private key without a passphrase: PKCS #8, or the older forms of RSA and EC keys.
  // Fails where it is none, or not one for `algorithm`; the message names auth.private_key and
  // holds nothing of it. Signs once, so that sign() cannot fail for the key's sake.
  static Result<JwtKey> parse(const config::Secret& pem, config::JwtAlgorithm algorithm);

  std::string_view algorithm() const;  // as the header of a JWT has it
  // The bytes of a JWS signature.
  std::string sign(std::string_view message) const;

 private:
  JwtKey(PkeyPtr key, config::JwtAlgorithm algorithm)
      : key_(std::move(key)), algorithm_(algorithm) {}
  std::string try_sign(std::string_view message) const;

  PkeyPtr key_;
  config::JwtAlgorithm algorithm_;
};

}  // namespace sluice::auth
