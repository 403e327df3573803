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
  metrics_.set_newest_refused(false);
  note_in_use(std::nullopt);
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

void LiveCredential::offer(SharedSigner signer) {
  {
    const std::lock_guard lock(mutex_);
    credential_.offer(std::move(signer), clock_.now());
    metrics_.set_newest_refused(false);
    write(Level::info, Event::credential_offered, {});
  }
  if (hooks_.moved) hooks_.moved();
}

auth::Credential::Version LiveCredential::replace(SharedSigner signer,
                                                  std::optional<WallTime> expires) {
  auth::Credential::Version version = 0;
  {
    const std::lock_guard lock(mutex_);
    credential_.replace(std::move(signer), clock_.now());
    version = credential_.version();
    metrics_.changed();
    note_in_use(expires);
    metrics_.set_newest_refused(credential_.newest_refused());
    write(Level::info, Event::credential_changed, {});
  }
  if (hooks_.moved) hooks_.moved();
  return version;
}

void LiveCredential::withdraw(const std::optional<std::string>& why) {
  const std::lock_guard lock(mutex_);
  credential_.withdraw();
  metrics_.set_newest_refused(why.has_value());
  if (why) write(Level::error, Event::credential_refused, {{"detail", *why}});
}

void LiveCredential::note(Move move, const Judgement& judgement) {
  switch (move) {
    case Move::none:
      return;
    case Move::changed:
      metrics_.changed();
      note_in_use(std::nullopt);
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
      note_in_use(std::nullopt);
      write(Level::error, Event::credential_rolled_back,
            {{"detail", "the API refuses the value it had taken: " + judgement.words()},
             {"remedy", "see whether all of the API knows it; the value before is in use again"}});
      break;
  }
  metrics_.set_newest_refused(credential_.newest_refused());
}

void LiveCredential::note_in_use(std::optional<WallTime> expires) {
  metrics_.set_in_use_since(clock_.wall_now());
  metrics_.set_expires(expires);
}

void LiveCredential::write(Level level, Event event, std::vector<telemetry::Field> more) {
  std::vector<telemetry::Field> fields{{"target", name_.target}};
  if (!name_.tenant.empty()) fields.emplace_back("tenant", name_.tenant);
  fields.insert(fields.end(), more.begin(), more.end());
  log_.write(level, event, fields);
}

}  // namespace sluice::deliver
