// The credential of a target, while it changes under requests that go on.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "auth/credential.h"
#include "base/clock.h"
#include "deliver/verdict_rules.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/target_status.h"

namespace sluice::deliver {

// Shared by all workers of the target; one of its own for each tenant. Thread-safe: who signs asks
// for a lease and gives the answer's judgement back, who brings new values offers them. Each move
// is a log line and a metric.
class LiveCredential {
 public:
  using Lease = auth::Credential::Lease;
  using SharedSigner = std::shared_ptr<const auth::Signer>;

  struct Name {
    std::string target;
    std::string tenant;  // empty: the target has none
  };

  // What others do when something moves. Called by whoever moved it, with nothing locked.
  struct Hooks {
    // The API refused the value in use, and there is no other. True: another one is fetched, so
    // that the request says nothing against the target.
    std::function<bool(auth::Credential::Version)> refused;
    // Another value is in use, or is to be tried: what stood still for the one before may go.
    std::function<void()> moved;
  };

  // What is passed by reference outlives it.
  LiveCredential(Name name, SharedSigner first, Duration overlap, const Clock& clock,
                 telemetry::CredentialMetrics& metrics, telemetry::Log& log);
  // Before any other thread knows of it.
  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

  Lease lease();
  // Each lease comes back through one of these. `status`: 0 where there is no answer. True: the
  // request is to be sent again with another value, and counts against nobody.
  bool answered(const Lease& lease, const Judgement& judgement, int status);
  void cancelled(const Lease& lease);

  void set_overlap(Duration overlap);
  // To be tried by one request. Returns what version_in_use() is once it is taken.
  auth::Credential::Version offer(SharedSigner signer);
  // In use at once: it was proved elsewhere. `expires`: where it says when. What is offered is
  // `offered` from now on, with what is known of it; null: nothing is.
  // Returns its version, 0 for none.
  auth::Credential::Version replace(SharedSigner signer, std::optional<WallTime> expires,
                                    SharedSigner offered = nullptr);
  auth::Credential::Version version_in_use();
  // Something newer than what is in use cannot even be offered; counts as refused meanwhile.
  void set_trouble(bool trouble);
  // Wipes what is kept no longer. Now and then.
  void tidy();
  // What was offered is not to be used after all, or could not even be tried: `why`, if that is to
  // be told.
  void withdraw(const std::optional<std::string>& why);
  telemetry::CredentialStatus status() const;

 private:
  void note(auth::Credential::Move move, const Judgement& judgement);
  void show_refused();
  void show_in_use();
  void show_expires(std::optional<WallTime> expires);
  void write(telemetry::Level level, telemetry::Event event, std::vector<telemetry::Field> more);

  const Name name_;
  const Clock& clock_;
  telemetry::CredentialMetrics& metrics_;
  telemetry::Log& log_;
  Hooks hooks_;
  mutable std::mutex mutex_;  // guards what follows
  telemetry::CredentialStatus shown_;
  auth::Credential credential_;
  bool trouble_ = false;
};

}  // namespace sluice::deliver
