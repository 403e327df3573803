// Whether a worker's request may go out now, and what its answer teaches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/record.h"
#include "base/result.h"
#include "base/verdict.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"

namespace sluice::deliver {

struct RequestSize {
  std::size_t records = 0;
  std::size_t bytes = 0;  // of the body before compression
};

// A permit to send one request. It has to come back once: answered(), or cancelled().
struct Pass {
  std::uint64_t id = 0;
  // The first probe of a half-open breaker: the request should be as small as it can be.
  bool small = false;
};

// Whom a failure is counted against.
enum class Blame : std::uint8_t {
  target,  // as the verdict says
  record,  // one record fails where its neighbours are delivered: says nothing of the target
};

// What one worker sees of all that decides over its requests and is shared with other workers: the
// target's and the pipeline's breakers, budgets, the concurrency limit, the refusal guard. An
// interface, so that the Deliverer is tested without them. For the worker's thread only.
class Admission {
 public:
  struct Closed {
    Instant until;  // ask again then, or when the worker is woken because something opened
    StallReason reason = StallReason::breaker_open;  // flowing: no trouble, only no room right now
    std::string detail = {};
  };

  virtual ~Admission() = default;

  // `lane`: the partition, so that probes rotate. Takes what the request costs from the budgets.
  // Whoever was refused counts as waiting, for probes and for its pipeline's fair share, until it
  // is let through or forgets the lane.
  virtual tl::expected<Pass, Closed> ask(LaneId lane, RequestSize size, Instant now) = 0;
  // The largest request that can ever be let through now: budgets of records or bytes hold no more
  // at once. Never below one record; SIZE_MAX where nothing limits.
  virtual RequestSize largest() const = 0;

  // `answer`: null where there was none; its rate-limit headers are read. `sent_at`: when the
  // request went out.
  virtual void answered(const Pass& pass, const Judgement& judgement, Blame blame,
                        const http::Answer* answer, Instant sent_at, Instant now) = 0;
  // The request was cancelled, or never sent: says nothing of anybody.
  virtual void cancelled(const Pass& pass) = 0;
  // The lane has nothing to send any more.
  virtual void forget(LaneId lane) = 0;

  // Some request of this target's credential (any pipeline, any worker of this process) that was
  // sent after `when` was delivered. Once a record of the pipeline was given up, only the
  // pipeline's own requests count until one of them is delivered: where a whole path is down, other
  // paths must not cost one record after another.
  virtual bool delivered_after(Instant when) const = 0;
  // A record was given up since its neighbours were delivered.
  virtual void gave_up() = 0;
  // For the refusal guard: how many records the API took, and how many it refused alone.
  virtual void judged(std::size_t taken, std::size_t refused, Instant now) = 0;
};

}  // namespace sluice::deliver
