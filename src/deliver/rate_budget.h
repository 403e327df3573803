// Never more than so many requests in a time.
#pragma once

#include <vector>

#include "base/clock.h"
#include "config/config.h"

namespace sluice::deliver {

// Token buckets, all of which must have a token for a request to go out. For a limit L in a window
// W, times `safety`: the capacity is `capacity` of it, but at least one request, and the rest
// refills over W, so that capacity + refill * W <= L and no window of that length, wherever it
// begins, ever passes more. Every bucket starts empty: a restart is no burst. Pure; not
// thread-safe.
class RateBudget {
 public:
  RateBudget(const std::vector<config::RateLimit>& limits, Instant now);

  // nullopt: a token of each bucket was taken. Otherwise nothing was, and this is when to ask
  // again.
  std::optional<Instant> take(Instant now);

 private:
  struct Bucket {
    double capacity;
    double per_nanosecond;
    double tokens;
    Instant filled_at;

    void refill(Instant now);
    Instant next_token() const;
  };

  std::vector<Bucket> buckets_;
};

}  // namespace sluice::deliver
