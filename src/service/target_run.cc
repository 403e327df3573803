#include "service/target_run.h"

#include <algorithm>
#include <set>
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

bool proved_by_health(const config::Target& target) {
  return target.health && target.health->authenticated;
}

}  // namespace

Result<std::unique_ptr<TargetRun>> TargetRun::make(const config::Target& target,
                                                   const std::vector<config::Pipeline>& users,
                                                   bool successor, std::uint64_t seed,
                                                   const Surroundings& around) {
  const auto of_auth = [&](const Error& error) {
    return fail("targets." + target.name + "." + error.cause, error.remedy);
  };
  auto signers = signers_of(target);
  if (!signers) return tl::unexpected(signers.error());
  std::unique_ptr<TargetRun> run(new TargetRun(target, users, seed, around));
  run->note_certificate(target.tls);
  if (target.tenants) {
    run->credentials_ = std::make_unique<deliver::Credentials>(target.name, *target.tenants,
                                                               deliver::Credentials::Tenants{});
    run->renew_tenants(*target.tenants, signers->tenants);
    return run;
  }
  run->credential_ = std::make_unique<deliver::LiveCredential>(
      deliver::LiveCredential::Name{target.name, {}}, std::move(signers->of_all), target.overlap,
      around.clock, around.metrics.credential(target.name, ""), around.log);
  run->credentials_ = std::make_unique<deliver::Credentials>(*run->credential_);
  if (auto done = run->make_tokens(successor, seed); !done) return of_auth(done.error());
  run->credential_->set_hooks(
      {[raw = run.get()](auth::Credential::Version version) { return raw->refused(version); },
       [gate = &run->gate_] { gate->credential_moved(); }});
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

Result<void> TargetRun::start() {
  gate_.show_budgets();
  return tokens_ ? tokens_->start() : Result<void>();
}

bool TargetRun::refused(auth::Credential::Version version) {
  refused_ = true;
  return tokens_ && tokens_->refused(version);
}

TargetRun::TargetRun(const config::Target& target, const std::vector<config::Pipeline>& users,
                     std::uint64_t seed, const Surroundings& around)
    : around_(around),
      target_(target),
      seeds_(seed),
      gate_(target, users, seed, around.clock, around.metrics.target(target.name), around.log) {}

deliver::AdmissionParts TargetRun::admit(const config::Pipeline& pipeline) {
  return {gate_, gate_.add_pipeline(pipeline)};
}

void TargetRun::renew(const config::Target& target, const TargetSigners& signers) {
  candidate_.reset();
  if (target.tenants) {
    renew_tenants(*target.tenants, signers.tenants);
    return;
  }
  if (tokens_) {
    tokens_->renew({target.auth, pipeline::client_options_of(target)});
    return;
  }
  if (!proved_by_health(target)) {
    credential_->offer(signers.of_all);
    return;
  }
  refused_ = false;
  candidate_ = Candidate{signers.of_all, 0, around_.clock.now()};
}

void TargetRun::renew_tenants(const config::Tenants& tenants,
                              const std::map<std::string, SharedSigner>& signers) {
  const deliver::Credentials::Tenants before = credentials_->all();
  deliver::Credentials::Tenants now;
  std::vector<std::string> known;  // with other credentials
  for (const auto& [name, tenant] : tenants.of) {
    const auto there = before.find(name);
    if (there == before.end()) {
      now.emplace(name, make_tenant(name, tenant, signers.at(name)));
      continue;
    }
    now.insert(*there);
    if (signers.contains(name)) known.push_back(name);
  }
  credentials_->set(now);
  for (const auto& [name, tenant] : before) {
    if (now.contains(name)) continue;
    tenant->credential().withdraw(std::nullopt);
    around_.metrics.credential(target_.name, name).forget();
  }
  for (const std::string& name : known) now.at(name)->credential().offer(signers.at(name));
  gate_.credential_moved();
}

std::shared_ptr<deliver::Tenant> TargetRun::make_tenant(const std::string& name,
                                                        const config::Tenant& tenant,
                                                        SharedSigner signer) {
  const auto moved = [credentials = credentials_.get(), gate = &gate_] {
    credentials->moved();
    gate->credential_moved();
  };
  return std::make_shared<deliver::Tenant>(
      deliver::LiveCredential::Name{target_.name, name}, std::move(signer), tenant.overlap,
      target_.circuit_breaker, seeds_.next_bits(), around_.metrics.credential(target_.name, name),
      deliver::Tenant::Around{around_.clock, around_.log, moved});
}

void TargetRun::take_over(const config::Target& target) {
  const bool asked_otherwise = target_.health != target.health || target_.tls != target.tls;
  target_ = target;
  if (credential_) credential_->set_overlap(target.overlap);
  if (target.tenants) {
    for (const auto& [name, tenant] : credentials_->all()) {
      const auto said = target.tenants->of.find(name);
      if (said != target.tenants->of.end()) tenant->credential().set_overlap(said->second.overlap);
    }
  }
  if (candidate_ && asked_otherwise) candidate_ = Candidate{candidate_->signer, 0, Instant{}};
}

std::size_t TargetRun::reset_breakers() {
  // First, since the gate wakes the workers.
  const std::size_t of_tenants = credentials_->reset_breakers();
  return of_tenants + gate_.reset_breakers();
}

telemetry::TargetStatus TargetRun::status() const {
  telemetry::TargetStatus status = gate_.status();
  if (credential_) status.credentials.push_back(credential_->status());
  for (const auto& [name, tenant] : credentials_->all()) {
    status.credentials.push_back(tenant->credential().status());
  }
  return status;
}

void TargetRun::use_route() {
  if (tokens_) tokens_->renew({target_.auth, pipeline::client_options_of(target_)});
}

// The names that the metrics have for them.
std::set<std::string> TargetRun::credential_names() const {
  if (credential_) return {""};
  std::set<std::string> names;
  for (const auto& [name, tenant] : credentials_->all()) names.insert(name);
  return names;
}

void TargetRun::close_metrics(const TargetRun* successor) const {
  if (successor == nullptr) {
    around_.metrics.target(target_.name).set_certificate_expires(std::nullopt);
    around_.metrics.target(target_.name).set_budgets({});
  }
  const auto stay = successor != nullptr ? successor->credential_names() : std::set<std::string>();
  for (const std::string& name : credential_names()) {
    if (!stay.contains(name)) around_.metrics.credential(target_.name, name).forget();
  }
}

void TargetRun::note_certificate(const config::TargetTls& tls) {
  around_.metrics.target(target_.name)
      .set_certificate_expires(tls.cert ? auth::certificate_expiry(*tls.cert) : std::nullopt);
}

void TargetRun::tend() {
  if (credential_) credential_->tidy();
  for (const auto& [name, tenant] : credentials_->all()) tenant->credential().tidy();
  if (!candidate_) return;
  if (refused_ || !proved_by_health(target_)) {
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
