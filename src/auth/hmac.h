// A signature of the request, as most APIs want one: HMAC (RFC 2104) over a text that the
// configuration describes, in a header.
//
// With preset: standard_webhooks it is the scheme of the Standard Webhooks specification 1.0.0
// (standardwebhooks.com, "Signature scheme"): webhook-id, webhook-timestamp (Unix seconds), and
// webhook-signature, "v1," before base64 of HMAC-SHA256(key, "<id>.<timestamp>.<body>").
#pragma once

#include <memory>
#include <string>

#include "auth/keyed_hmac.h"
#include "auth/openssl.h"
#include "auth/signer.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/auth.h"

namespace sluice::auth {

// What {timestamp} stands for.
std::string timestamp_text(WallTime now, config::TimestampFormat format);

class HmacSigner final : public Signer {
 public:
  // Decodes the secret. Fails where it is empty or not what `secret_encoding` says.
  static Result<std::unique_ptr<Signer>> make(const config::HmacAuth& auth);

  // The body is read where it lies.
  void sign(const Outgoing& request, Signed& out) const override;

 private:
  HmacSigner(config::HmacFormat format, HmacKey key, DigestPtr digest);

  std::string signature_of(const Outgoing& request, std::string_view timestamp,
                           std::string_view added_query) const;
  std::string body_hash(std::string_view body) const;

  const config::HmacFormat format_;
  const HmacKey key_;
  const DigestPtr digest_;  // null: the body's hash is not signed
};

}  // namespace sluice::auth
