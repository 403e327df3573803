// What a token server says (RFC 6749, 5.1 and 5.2).
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/secret.h"

namespace sluice::credentials {

// Longer lives are taken for this one.
inline constexpr Duration kLongestLife = std::chrono::hours(24 * 365);

struct TokenAnswer {
  config::Secret access_token;   // can be a header's value
  std::optional<Duration> life;  // above zero; nullopt: the server does not tell
  config::Secret refresh_token;  // empty: none came
};

// Wipes `body`. The cause of an error is a clause about the server ("answers 401 ..."). It holds
// nothing of the body but error codes that are known here, since servers echo what they were asked
// with.
Result<TokenAnswer> read_token_answer(int status, std::string& body);

}  // namespace sluice::credentials
