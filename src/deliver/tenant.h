// One tenant of a target: its credential, and whether its records may go.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/record.h"
#include "base/result.h"
#include "config/config.h"
#include "deliver/admission.h"
#include "deliver/breaker.h"
#include "deliver/live_credential.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

// An answer that refuses a tenant's credentials says nothing of the other tenants: it opens a
// breaker of this tenant alone, and of the one pipeline, since an API may take them on one path and
// not on another. Failures of any other kind are the target's. Shared by all workers of the target;
// thread-safe.
class Tenant {
 public:
  // `clock` and `log` outlive it. `moved`: called with nothing locked, by whoever did it, where
  // records that stood still may go.
  struct Around {
    const Clock& clock;
    telemetry::Log& log;
    std::function<void()> moved;
  };
  // Why records of the tenant do not go, in plain words.
  struct Closed {
    Instant until;  // ask again then, or when it moved
    std::string detail;
  };

  Tenant(LiveCredential::Name name, LiveCredential::SharedSigner signer, Duration overlap,
         const config::CircuitBreaker& breaker, std::uint64_t seed,
         telemetry::CredentialMetrics& metrics, Around around);
  Tenant(const Tenant&) = delete;
  Tenant& operator=(const Tenant&) = delete;

  LiveCredential& credential() { return credential_; }

  // Whether a request of the pipeline's lane may go now. The permit comes back once, through
  // answered() or cancelled().
  tl::expected<Breaker::Permit, Closed> ask(const std::string& pipeline, LaneId lane, Instant now);
  // As Admission says.
  void answered(const std::string& pipeline, Breaker::Permit permit, const Judgement& judgement,
                Blame blame, Instant sent_at, Instant now);
  void cancelled(const std::string& pipeline, Breaker::Permit permit);
  void forget(const std::string& pipeline, LaneId lane);
  bool delivered_after(const std::string& pipeline, Instant when) const;
  void gave_up(const std::string& pipeline);
  // As TargetGate says.
  std::size_t open_now(const std::string& pipeline);
  // Of all pipelines; returns how many breakers were open.
  std::size_t reset_breakers();

 private:
  struct Path {
    Breaker breaker;
    std::string detail = {};  // why it is not closed
    Instant delivered = {};   // when its latest request that was delivered had been sent
    bool gave_up = false;     // a record, since then
  };

  Path& path_of(const std::string& pipeline);
  void note_move(const std::string& pipeline, const Path& path, Instant now);

  const LiveCredential::Name name_;
  const config::CircuitBreaker limits_;
  const Around around_;
  LiveCredential credential_;

  mutable std::mutex mutex_;  // guards what follows
  SeededRandom random_;
  std::map<std::string, Path> paths_;  // by pipeline
  Instant delivered_{};                // as in Path, of all of them
};

}  // namespace sluice::deliver
