#include "auth/credential.h"

#include <algorithm>
#include <utility>

namespace sluice::auth {
namespace {

constexpr Duration kFirstWait = std::chrono::seconds(10);
constexpr Duration kLongestWait = std::chrono::minutes(5);
constexpr std::uint32_t kDoublings = 5;

}  // namespace

Credential::Credential(std::shared_ptr<const Signer> first, Duration overlap, Instant now)
    : overlap_(overlap), current_{std::move(first), ++last_version_}, since_(now) {}

Credential::Lease Credential::lease(Instant now) {
  expire(now);
  if (!offered_ || now < try_at_) return current_;
  // With the value in use refused, there is nothing to lose by using the other one for all.
  if (trying_ && !refused_) return current_;
  trying_ = true;
  return *offered_;
}

Credential::Consequence Credential::accepted(Version version, Instant now) {
  if (offered_ && version == offered_->version) {
    Lease old = std::exchange(current_, {});
    use(*std::exchange(offered_, std::nullopt), now);
    if (overlap_ > Duration::zero() && !refused_) {
      before_ = std::move(old);
      before_until_ = now + overlap_;
    }
    refused_ = false;
    return {false, Move::changed};
  }
  if (version == current_.version) refused_ = false;
  return {};
}

Credential::Consequence Credential::refused(Version version, Instant now) {
  if (offered_ && version == offered_->version) return offered_refused(now);
  if (version == current_.version) return current_refused(now);
  return {true, Move::none};
}

Credential::Consequence Credential::forbidden(Version version, Instant now) {
  return version == current_.version ? Consequence{} : refused(version, now);
}

// Late answers of requests that had it before it was rolled back say nothing new.
Credential::Consequence Credential::offered_refused(Instant now) {
  if (!trying_) return {true, Move::none};
  trying_ = false;
  wait_before_next_try(now);
  return {!refused_, Move::refused};
}

Credential::Consequence Credential::current_refused(Instant now) {
  if (before_ && now < before_until_) {
    Lease refused = std::exchange(current_, {});
    use(*std::exchange(before_, std::nullopt), now);
    offered_ = std::move(refused);
    trying_ = false;
    refusals_ = 0;
    wait_before_next_try(now);
    return {true, Move::rolled_back};
  }
  refused_ = true;
  // What has not been tried yet may do.
  return {offered_ && refusals_ == 0, Move::none};
}

void Credential::wait_before_next_try(Instant now) {
  try_at_ = now + std::min(kFirstWait * (1U << std::min(refusals_, kDoublings)), kLongestWait);
  ++refusals_;
}

void Credential::unanswered(Version version) {
  if (offered_ && version == offered_->version) trying_ = false;
}

void Credential::offer(std::shared_ptr<const Signer> signer, Instant now) {
  offered_ = Lease{std::move(signer), ++last_version_};
  trying_ = false;
  refusals_ = 0;
  try_at_ = now;
}

void Credential::replace(std::shared_ptr<const Signer> signer,
                         std::shared_ptr<const Signer> offered, Instant now) {
  use({std::move(signer), ++last_version_}, now);
  before_.reset();
  refused_ = false;
  if (offered == nullptr || !offered_) {
    withdraw();
    return;
  }
  offered_ = Lease{std::move(offered), ++last_version_};
  trying_ = false;
}

void Credential::expire(Instant now) {
  if (before_ && now >= before_until_) before_.reset();
}

void Credential::withdraw() {
  offered_.reset();
  trying_ = false;
  refusals_ = 0;
}

void Credential::use(Lease value, Instant now) {
  current_ = std::move(value);
  since_ = now;
}

}  // namespace sluice::auth
