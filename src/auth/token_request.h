// What a token server is asked with (RFC 6749, 4.4.2 and 6).
#pragma once

#include <optional>
#include <vector>

#include "auth/jwt_key.h"
#include "auth/signer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/oauth2.h"

namespace sluice::auth {

// One POST to token_url.
struct TokenRequest {
  std::vector<Header> headers;
  config::Secret body;  // a form
};

// For one thread at a time.
class TokenRequests {
 public:
  // Reads the private key. Fails where the client has no usable proof of itself; the message names
  // the option, never the value.
  static Result<TokenRequests> make(const config::OAuth2Auth& auth);

  // By the grant refresh_token where that one is not empty, else by client_credentials. `random`
  // makes assertions unique.
  TokenRequest next(const config::Secret& refresh_token, WallTime now, Random& random) const;

 private:
  TokenRequests(config::OAuth2Auth auth, std::optional<JwtKey> key);

  config::OAuth2Auth auth_;
  std::optional<JwtKey> key_;
};

}  // namespace sluice::auth
