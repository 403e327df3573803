// Access tokens of a token server, each in time for the one before it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/token_request.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/oauth2.h"
#include "credentials/token_answer.h"
#include "credentials/token_schedule.h"
#include "credentials/token_store.h"
#include "http/options.h"

namespace sluice::credentials {

// What is to be said of the tokens of one source.
struct TokenStanding {
  config::Secret token;     // the newest; empty: none came yet
  std::string fingerprint;  // of it: auth/fingerprint.h
  WallTime fetched_at{};
  std::optional<WallTime> expires_at;  // nullopt: the server does not tell
  std::optional<Instant> good_until;   // the same, to be judged by
  std::optional<Error> error;          // of the last try; nullopt: it went well

  // Whether it is worth sending.
  bool good_at(Instant now) const { return !token.empty() && (!good_until || now < *good_until); }
};

// Owns no thread: whoever has one calls tend() whenever due(). Thread-safe.
class TokenSource {
 public:
  // Reads the private key and takes the store; asks for nothing yet. Tokens are asked for by way of
  // `route` (proxy, TLS). `clock` and `random` outlive it; `random` is used by tend() alone.
  static Result<std::unique_ptr<TokenSource>> create(const config::OAuth2Auth& auth,
                                                     http::ClientOptions route, const Clock& clock,
                                                     Random& random);

  // When tend() has something to do.
  Instant due() const;

  // Asks for a token where that is due, and blocks meanwhile: for auth.timeout at most, or, where
  // no refresh token could be lost by it, a tenth of a second once `stop` is true. Returns whether
  // standing() says something else now. One flight at a time: while another thread is here it
  // returns at once.
  bool tend(const std::atomic<bool>* stop = nullptr);

  // The API took the token of that fingerprint for invalid (401). Makes the next one due, unless it
  // has come meanwhile; see TokenSchedule for how soon.
  void ask_for_new(std::string_view fingerprint);

  // Asks so from now on, and at once; what came before stays as good as it is. The store and what
  // is kept in it stay. By the thread that tends. Reads the private key.
  Result<void> use(const config::OAuth2Auth& auth, http::ClientOptions route);

  TokenStanding standing() const;

 private:
  struct Failure {
    Error error;
    Duration wait{};  // that the server wants
  };
  using Fetched = tl::expected<TokenAnswer, Failure>;

  TokenSource(const config::OAuth2Auth& auth, auth::TokenRequests requests,
              http::ClientOptions route, std::optional<TokenStore> store, const Clock& clock,
              Random& random);

  Fetched fetch(const std::atomic<bool>* stop);
  void take(TokenAnswer answer, Instant sent);
  void keep_refresh_token();
  tl::unexpected<Failure> failure(const std::string& clause, std::string remedy,
                                  Duration wait = {}) const;

  const Clock& clock_;
  Random& random_;

  std::mutex tending_;  // held by tend() for all of these
  std::string token_url_;
  auth::TokenRequests requests_;
  http::ClientOptions route_;
  std::optional<TokenStore> store_;
  config::Secret refresh_token_;  // the newest
  bool kept_ = true;              // it stands in the store, or need not

  mutable std::mutex mutex_;  // never held while anything blocks
  TokenSchedule schedule_;
  std::optional<Instant> keep_due_;  // nothing to keep: nullopt
  TokenStanding standing_;
};

}  // namespace sluice::credentials
