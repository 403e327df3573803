// One target as it runs: what its pipelines share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/signer.h"
#include "base/result.h"
#include "config/config.h"
#include "deliver/live_credential.h"
#include "deliver/pipeline_admission.h"
#include "deliver/target_gate.h"
#include "service/surroundings.h"
#include "service/token_keeper.h"

namespace sluice::service {

// Its parts are thread-safe; it is itself for one thread at a time. Outlives the workers of its
// pipelines.
class TargetRun {
 public:
  // Fails where a credential cannot be put into a request; the error names the key. `users`: the
  // pipelines it begins with, which size its budgets. `successor`: it takes the place of one that
  // is still there. `seed`: of its jitter.
  static Result<std::unique_ptr<TargetRun>> make(const config::Target& target,
                                                 const std::vector<config::Pipeline>& users,
                                                 bool successor, std::uint64_t seed,
                                                 const Surroundings& around);
  TargetRun(const TargetRun&) = delete;
  TargetRun& operator=(const TargetRun&) = delete;

  // For one more run of a pipeline.
  deliver::AdmissionParts admit(const config::Pipeline& pipeline);
  deliver::LiveCredential& credential() { return *credential_; }
  // Begins to ask for tokens, where it needs them.
  Result<void> start();
  // Other values for its credentials, as `target` has them. `signer`: of them, null where they need
  // tokens. Tokens are asked for with them; others are tried on the health path where that proves
  // credentials, else by the next request.
  void renew(const config::Target& target, std::shared_ptr<const auth::Signer> signer);
  // For the metric of when it expires. Blocks: reads the file.
  void note_certificate(const config::TargetTls& tls);
  // Its TLS files are other ones now.
  void use_route(const config::Target& target);
  // Asks the health path again where that is due. Blocks for connect_timeout at most.
  void tend();
  telemetry::TargetStatus status() const { return gate_.status(); }

 private:
  TargetRun(const config::Target& target, const std::vector<config::Pipeline>& users,
            std::uint64_t seed, const Surroundings& around);

  Result<void> make_tokens(bool successor, std::uint64_t seed);
  bool refused(auth::Credential::Version version);
  void try_candidate();
  void wait_before_next_try(Duration first);

  // A value that the health path has not proved yet.
  struct Candidate {
    std::shared_ptr<const auth::Signer> signer;
    std::uint32_t tries = 0;
    Instant try_at{};
  };

  const Surroundings around_;
  config::Target target_;  // as far as the health path needs it
  deliver::TargetGate gate_;
  std::unique_ptr<deliver::LiveCredential> credential_;
  std::optional<Candidate> candidate_;
  // The API refused the value in use: a candidate is better than that, proved or not.
  std::atomic<bool> refused_ = false;
  std::unique_ptr<TokenKeeper> tokens_;  // null: they need none; last, since it uses what is above
};

}  // namespace sluice::service
