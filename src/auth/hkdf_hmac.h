// The signature of the Data Pipeline API.
//
//   key       = HKDF-SHA256(salt, ikm, info, 32 bytes)           RFC 5869
//   signature = lower-case hex of HMAC-SHA256(key, body)         RFC 2104
//
// `body` is every byte of the request body. salt and ikm are each the token, or the account id
// with the workspace id right behind it. The API's own SDKs use salt = token and ikm = account +
// workspace, info "hmac-signing"; its integration guide describes the reverse, which the API
// refuses. tests/golden/signature-vectors.json holds signatures it accepts.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "auth/keyed_hmac.h"
#include "auth/signer.h"
#include "base/result.h"
#include "config/auth.h"

namespace sluice::auth {

// 32 bytes that are wiped when they go.
class SigningKey {
 public:
  static constexpr std::size_t kSize = 32;

  SigningKey() = default;
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  const std::array<unsigned char, kSize>& bytes() const { return bytes_; }
  std::array<unsigned char, kSize>& bytes() { return bytes_; }

 private:
  std::array<unsigned char, kSize> bytes_{};
};

// HKDF-SHA256 of RFC 5869, extract and expand. Fails only where OpenSSL has no HKDF or SHA-256.
Result<SigningKey> derive_key(std::string_view salt, std::string_view ikm, std::string_view info);

// Adds x-optikpi-token, x-optikpi-account-id, x-optikpi-workspace-id, x-hmac-signature and
// x-hmac-algorithm.
class HkdfHmacSigner final : public Signer {
 public:
  // Derives the key. Fails where a credential cannot be a header's value.
  static Result<std::unique_ptr<Signer>> make(const config::HkdfHmacAuth& auth);

  void sign(const Outgoing& request, Signed& out) const override;

 private:
  HkdfHmacSigner(const config::HkdfHmacAuth& auth, HmacKey key);

  config::Secret token_;
  std::string account_id_;
  std::string workspace_id_;
  HmacKey key_;
};

}  // namespace sluice::auth
