// One target as it runs: what its pipelines share.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "deliver/credentials.h"
#include "deliver/live_credential.h"
#include "deliver/pipeline_admission.h"
#include "deliver/target_gate.h"
#include "service/surroundings.h"
#include "service/target_signers.h"
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
  deliver::Credentials& credentials() { return *credentials_; }
  // Begins to ask for tokens, where it needs them. The metrics show its budgets from then on.
  Result<void> start();
  // Other values for its credentials, as `target` has them. `signers`: of those that differ. Tokens
  // are asked for with them; others are tried on the health path where that proves the credentials
  // of all, else by the next request. Tenants come and go.
  void renew(const config::Target& target, const TargetSigners& signers);
  // Whatever else of it takes effect under way: overlap, health path, TLS files. Before renew().
  void take_over(const config::Target& target);
  // For the metric of when it expires. Blocks: reads the file.
  void note_certificate(const config::TargetTls& tls);
  // Its TLS files are other ones now.
  void use_route();
  // Asks the health path where that is due, and wipes what is kept no longer. Blocks for
  // connect_timeout at most.
  void tend();
  // Of what is gone no metric says that somebody should look at it. `successor`: takes its place;
  // null: none does; itself: nothing is gone.
  void close_metrics(const TargetRun* successor) const;
  // Both from any thread. The first ends the open time of all its breakers, those of its pipelines
  // and tenants among them, and returns how many were open.
  std::size_t reset_breakers();
  telemetry::TargetStatus status() const;

 private:
  TargetRun(const config::Target& target, const std::vector<config::Pipeline>& users,
            std::uint64_t seed, const Surroundings& around);

  std::set<std::string> credential_names() const;
  Result<void> make_tokens(bool successor, std::uint64_t seed);
  void renew_tenants(const config::Tenants& tenants,
                     const std::map<std::string, SharedSigner>& signers);
  std::shared_ptr<deliver::Tenant> make_tenant(const std::string& name,
                                               const config::Tenant& tenant, SharedSigner signer);
  bool refused(auth::Credential::Version version);
  void try_candidate();
  void wait_before_next_try(Duration first);

  // A value that the health path has not proved yet.
  struct Candidate {
    SharedSigner signer;
    std::uint32_t tries = 0;
    Instant try_at{};
  };

  const Surroundings around_;
  config::Target target_;  // as far as the health path needs it
  SeededRandom seeds_;
  deliver::TargetGate gate_;
  std::unique_ptr<deliver::LiveCredential> credential_;  // null: each tenant has its own
  std::unique_ptr<deliver::Credentials> credentials_;
  std::optional<Candidate> candidate_;
  // The API refused the value in use: a candidate is better than that, proved or not.
  std::atomic<bool> refused_ = false;
  std::unique_ptr<TokenKeeper> tokens_;  // null: they need none; last, since it uses what is above
};

}  // namespace sluice::service
