// The JWT by which a client proves itself to a token server (RFC 7523, 2.2 and 3; RFC 7515).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "auth/jwt_key.h"
#include "base/clock.h"
#include "base/random.h"
#include "config/secret.h"

namespace sluice::auth {

// Some token servers take no assertion that lives longer.
inline constexpr std::chrono::seconds kAssertionLife(60);

struct AssertionClaims {
  std::string_view client_id;  // issuer and subject
  std::string_view audience;   // who is to take it
  std::string_view key_id;     // empty: left out
};

// Good for kAssertionLife from `now`; its `jti` is drawn from `random`, so that no two are the
// same.
config::Secret client_assertion(const JwtKey& key, const AssertionClaims& claims, WallTime now,
                                Random& random);

}  // namespace sluice::auth
