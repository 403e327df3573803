#include "service/target_run.h"

#include <algorithm>
#include <string>
#include <utility>

#include "auth/certificate.h"
#include "check/health_request.h"
#include "credentials/bearer.h"
#include "pipeline/options_of.h"

namespace sluice::service {
namespace {

constexpr Duration kFirstWaitForAnswer = std::chrono::seconds(2);
constexpr Duration kFirstWaitForOther = std::chrono::seconds(10);
constexpr Duration kLongestBetweenTries = std::chrono::minutes(5);
constexpr std::uint32_t kMostTriesDoubled = 8;

// Signs nothing; the gate lets nothing through before there is a token.
class NoSigner final : public auth::Signer {
 public:
  void sign(const auth::Outgoing& /*request*/, auth::Signed& /*out*/) const override {}
};

// What can be made before there is a token.
Result<std::unique_ptr<auth::Signer>> first_signer(const config::Auths& auths) {
  if (credentials::oauth2_in(auths) == nullptr) return auth::make_signer(auths);
  auto valid = auth::make_signer(credentials::with_token(auths, config::Secret("any")));
  if (!valid) return valid;
  return std::make_unique<NoSigner>();
}

}  // namespace

Result<std::unique_ptr<TargetRun>> TargetRun::make(const config::Target& target,
                                                   const std::vector<config::Pipeline>& users,
                                                   bool successor, std::uint64_t seed,
                                                   const Surroundings& around) {
  const auto of_auth = [&](const Error& error) {
    return fail("targets." + target.name + "." + error.cause, error.remedy);
  };
  auto signer = first_signer(target.auth);
  if (!signer) {
    return fail("targets." + target.name + ".auth: " + signer.error().cause, signer.error().remedy);
  }
  std::unique_ptr<TargetRun> run(new TargetRun(target, users, seed, around));
  run->credential_ = std::make_unique<deliver::LiveCredential>(
      deliver::LiveCredential::Name{target.name, {}}, std::move(*signer), target.overlap,
      around.clock, around.metrics.credential(target.name, ""), around.log);
  if (auto done = run->make_tokens(successor, seed); !done) return of_auth(done.error());
  run->credential_->set_hooks(
      {[raw = run.get()](auth::Credential::Version version) { return raw->refused(version); },
       [gate = &run->gate_] { gate->credential_moved(); }});
  run->note_certificate(target.tls);
  return run;
}

Result<void> TargetRun::make_tokens(bool successor, std::uint64_t seed) {
  if (credentials::oauth2_in(target_.auth) == nullptr) return {};
  auto tokens =
      TokenKeeper::make(target_.name, {target_.auth, pipeline::client_options_of(target_)},
                        successor, seed, *credential_, gate_, around_);
  if (!tokens) return tl::unexpected(tokens.error());
  tokens_ = std::move(*tokens);
  return {};
}

Result<void> TargetRun::start() { return tokens_ ? tokens_->start() : Result<void>(); }

bool TargetRun::refused(auth::Credential::Version version) {
  refused_ = true;
  return tokens_ && tokens_->refused(version);
}

TargetRun::TargetRun(const config::Target& target, const std::vector<config::Pipeline>& users,
                     std::uint64_t seed, const Surroundings& around)
    : around_(around),
      target_(target),
      gate_(target, users, seed, around.clock, around.metrics.target(target.name), around.log) {}

deliver::AdmissionParts TargetRun::admit(const config::Pipeline& pipeline) {
  return {gate_, gate_.add_pipeline(pipeline)};
}

void TargetRun::renew(const config::Target& target, std::shared_ptr<const auth::Signer> signer) {
  target_ = target;
  candidate_.reset();
  if (tokens_) {
    tokens_->renew({target.auth, pipeline::client_options_of(target)});
    return;
  }
  if (!target.health || !target.health->authenticated) {
    credential_->offer(std::move(signer));
    return;
  }
  refused_ = false;
  candidate_ = Candidate{std::move(signer), 0, around_.clock.now()};
  tend();
}

void TargetRun::use_route(const config::Target& target) {
  target_ = target;
  if (tokens_) tokens_->renew({target.auth, pipeline::client_options_of(target)});
}

void TargetRun::note_certificate(const config::TargetTls& tls) {
  around_.metrics.target(target_.name)
      .set_certificate_expires(tls.cert ? auth::certificate_expiry(*tls.cert) : std::nullopt);
}

void TargetRun::tend() {
  if (!candidate_) return;
  if (refused_) {
    credential_->offer(std::exchange(candidate_, std::nullopt)->signer);
  } else if (around_.clock.now() >= candidate_->try_at) {
    try_candidate();
  }
}

void TargetRun::try_candidate() {
  const auto answer = check::ask_health(target_, candidate_->signer.get(), around_.clock);
  const std::string what = "GET " + target_.health->path + ": ";
  if (!answer) {
    credential_->withdraw(what + answer.error().detail + "; it is tried again");
    wait_before_next_try(kFirstWaitForAnswer);
  } else if (answer->status >= 200 && answer->status <= 299) {
    credential_->replace(std::exchange(candidate_, std::nullopt)->signer, std::nullopt);
  } else {
    credential_->withdraw(what + "status " + std::to_string(answer->status) +
                          " for the new value; the value before stays in use");
    wait_before_next_try(kFirstWaitForOther);
  }
}

void TargetRun::wait_before_next_try(Duration first) {
  const Duration wait = first * (1U << std::min(candidate_->tries, kMostTriesDoubled));
  candidate_->try_at = around_.clock.now() + std::min<Duration>(wait, kLongestBetweenTries);
  ++candidate_->tries;
}

}  // namespace sluice::service
