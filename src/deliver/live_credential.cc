#include "deliver/live_credential.h"

#include <utility>

namespace sluice::deliver {

namespace {
constexpr int kForbidden = 403;
}  // namespace

using Move = auth::Credential::Move;
using telemetry::Event;
using telemetry::Level;

LiveCredential::LiveCredential(Name name, SharedSigner first, Duration overlap, const Clock& clock,
                               telemetry::CredentialMetrics& metrics, telemetry::Log& log)
    : name_(std::move(name)),
      clock_(clock),
      metrics_(metrics),
      log_(log),
      credential_(std::move(first), overlap, clock.now()) {
  shown_.tenant = name_.tenant;
  show_refused();
  show_in_use();
  show_expires(std::nullopt);
}

LiveCredential::Lease LiveCredential::lease() {
  const std::lock_guard lock(mutex_);
  return credential_.lease(clock_.now());
}

bool LiveCredential::answered(const Lease& lease, const Judgement& judgement, int status) {
  auth::Credential::Consequence consequence;
  {
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    switch (judgement.verdict) {
      case Verdict::delivered:
        consequence = credential_.accepted(lease.version, now);
        break;
      case Verdict::unauthorized:
        consequence = status == kForbidden ? credential_.forbidden(lease.version, now)
                                           : credential_.refused(lease.version, now);
        break;
      // Whether the API had looked at the credentials by then nobody knows.
      default:
        credential_.unanswered(lease.version);
        return false;
    }
    note(consequence.move, judgement);
  }
  if (consequence.move == Move::changed && hooks_.moved) hooks_.moved();
  if (consequence.send_again || judgement.verdict == Verdict::delivered) {
    return consequence.send_again;
  }
  return status != kForbidden && hooks_.refused && hooks_.refused(lease.version);
}

void LiveCredential::cancelled(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  credential_.unanswered(lease.version);
}

void LiveCredential::set_overlap(Duration overlap) {
  const std::lock_guard lock(mutex_);
  credential_.set_overlap(overlap);
}

auth::Credential::Version LiveCredential::offer(SharedSigner signer) {
  auth::Credential::Version version = 0;
  {
    const std::lock_guard lock(mutex_);
    credential_.offer(std::move(signer), clock_.now());
    version = credential_.offered_version();
    trouble_ = false;
    show_refused();
    write(Level::info, Event::credential_offered, {});
  }
  if (hooks_.moved) hooks_.moved();
  return version;
}

auth::Credential::Version LiveCredential::replace(SharedSigner signer,
                                                  std::optional<WallTime> expires,
                                                  SharedSigner offered) {
  auth::Credential::Version version = 0;
  {
    const std::lock_guard lock(mutex_);
    credential_.replace(std::move(signer), std::move(offered), clock_.now());
    version = credential_.offered_version();
    metrics_.changed();
    show_in_use();
    show_expires(expires);
    show_refused();
    write(Level::info, Event::credential_changed, {});
  }
  if (hooks_.moved) hooks_.moved();
  return version;
}

auth::Credential::Version LiveCredential::version_in_use() {
  const std::lock_guard lock(mutex_);
  return credential_.version();
}

void LiveCredential::set_trouble(bool trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = trouble;
  show_refused();
}

void LiveCredential::show_refused() {
  shown_.newest_refused = trouble_ || credential_.newest_refused();
  metrics_.set_newest_refused(shown_.newest_refused);
}

void LiveCredential::show_in_use() {
  const WallTime now = clock_.wall_now();
  shown_.in_use_since = now;
  metrics_.set_in_use_since(now);
}

void LiveCredential::show_expires(std::optional<WallTime> expires) {
  shown_.expires = expires;
  metrics_.set_expires(expires);
}

telemetry::CredentialStatus LiveCredential::status() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

void LiveCredential::tidy() {
  const std::lock_guard lock(mutex_);
  credential_.expire(clock_.now());
}

void LiveCredential::withdraw(const std::optional<std::string>& why) {
  const std::lock_guard lock(mutex_);
  credential_.withdraw();
  trouble_ = why.has_value();
  show_refused();
  if (why) write(Level::error, Event::credential_refused, {{"detail", *why}});
}

void LiveCredential::note(Move move, const Judgement& judgement) {
  switch (move) {
    case Move::none:
      return;
    case Move::changed:
      metrics_.changed();
      show_in_use();
      write(Level::info, Event::credential_changed, {});
      break;
    case Move::refused:
      write(
          Level::error, Event::credential_refused,
          {{"detail", "the API refuses the new value: " + judgement.words()},
           {"remedy", "correct what the configuration refers to; the value before stays in use"}});
      break;
    case Move::rolled_back:
      metrics_.changed();
      show_in_use();
      write(Level::error, Event::credential_rolled_back,
            {{"detail", "the API refuses the value it had taken: " + judgement.words()},
             {"remedy", "see whether all of the API knows it; the value before is in use again"}});
      break;
  }
  show_refused();
}

void LiveCredential::write(Level level, Event event, std::vector<telemetry::Field> more) {
  std::vector<telemetry::Field> fields{{"target", name_.target}};
  if (!name_.tenant.empty()) fields.emplace_back("tenant", name_.tenant);
  fields.insert(fields.end(), more.begin(), more.end());
  log_.write(level, event, fields);
}

}  // namespace sluice::deliver
