// When to ask for the next token. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/random.h"

namespace sluice::credentials {

// - The first one at once.
// - The next one after 60 to 80 % of a token's life, drawn anew each time: soon enough for an
//   outage of the token server to end while the token is good, and replicas do not ask together.
// - After a failure with exponential backoff, half of it jitter, of at most kLongestWait.
// - When the token was refused, at once, but not within kBetweenRefusals of the last time: a token
//   that is refused right after it came for one that was would not be helped by another.
class TokenSchedule {
 public:
  static constexpr Duration kUnknownLife = std::chrono::hours(1);  // where the server tells none
  static constexpr Duration kLeastBetween = std::chrono::seconds(1);
  static constexpr Duration kFirstWait = std::chrono::seconds(1);
  static constexpr Duration kLongestWait = std::chrono::seconds(60);
  static constexpr Duration kBetweenRefusals = std::chrono::seconds(30);

  // `random` outlives it.
  TokenSchedule(Instant now, Random& random) : random_(random), due_(now) {}

  Instant due() const { return due_; }

  // A token came, of which `life` was left at `now`.
  void fetched(Instant now, std::optional<Duration> life);
  // None came; the server wants to be left alone for `at_least`.
  void failed(Instant now, Duration at_least = Duration::zero());
  // Whatever was to be waited for.
  void ask_at_once(Instant now) { due_ = now; }
  // The token that came last is not taken. Changes nothing while asking fails.
  void refused(Instant now);

 private:
  Random& random_;
  Instant due_;
  std::optional<Instant> fetched_;
  std::optional<Instant> replaced_;  // a token that was refused
  std::uint32_t failures_ = 0;       // since then
};

}  // namespace sluice::credentials
