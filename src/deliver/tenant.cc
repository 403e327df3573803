#include "deliver/tenant.h"

#include <algorithm>
#include <utility>

namespace sluice::deliver {

Tenant::Tenant(LiveCredential::Name name, LiveCredential::SharedSigner signer, Duration overlap,
               const config::CircuitBreaker& breaker, std::uint64_t seed,
               telemetry::CredentialMetrics& metrics, Around around)
    : name_(std::move(name)),
      limits_(breaker),
      around_(std::move(around)),
      credential_(name_, std::move(signer), overlap, around_.clock, metrics, around_.log),
      random_(seed) {
  credential_.set_hooks({{}, [this] { reset_breakers(); }});
}

Tenant::Path& Tenant::path_of(const std::string& pipeline) {
  const auto found = paths_.find(pipeline);
  if (found != paths_.end()) return found->second;
  return paths_.emplace(pipeline, Path{Breaker(limits_, random_)}).first->second;
}

tl::expected<Breaker::Permit, Tenant::Closed> Tenant::ask(const std::string& pipeline, LaneId lane,
                                                          Instant now) {
  const std::lock_guard lock(mutex_);
  Path& path = path_of(pipeline);
  if (path.breaker.may_go(lane, now)) return path.breaker.take(lane);
  return tl::unexpected(Closed{path.breaker.ask_again(now), path.detail});
}

void Tenant::answered(const std::string& pipeline, Breaker::Permit permit,
                      const Judgement& judgement, Blame blame, Instant sent_at, Instant now) {
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    Path& path = path_of(pipeline);
    const auto before = path.breaker.state();
    switch (judgement.verdict) {
      case Verdict::delivered:
        delivered_ = std::max(delivered_, sent_at);
        path.delivered = std::max(path.delivered, sent_at);
        path.gave_up = false;
        path.breaker.succeeded(permit, now);
        break;
      case Verdict::rejected:
      case Verdict::split:
        path.breaker.succeeded(permit, now);
        break;
      case Verdict::unauthorized:
        path.detail = judgement.words();
        if (blame == Blame::record) {
          path.breaker.failed(permit, blame, now);
        } else {
          path.breaker.tripped(permit, now);
        }
        break;
      // Whether the API had looked at the credentials by then nobody knows.
      default:
        path.breaker.released(permit);
        break;
    }
    if (path.breaker.state() != before) note_move(pipeline, path, now);
    closed = path.breaker.state() != before && path.breaker.state() == Breaker::State::closed;
  }
  // What one path takes the others may take by now, too.
  if (closed) reset_breakers();
}

void Tenant::cancelled(const std::string& pipeline, Breaker::Permit permit) {
  const std::lock_guard lock(mutex_);
  path_of(pipeline).breaker.released(permit);
}

void Tenant::forget(const std::string& pipeline, LaneId lane) {
  const std::lock_guard lock(mutex_);
  path_of(pipeline).breaker.forget(lane);
}

bool Tenant::delivered_after(const std::string& pipeline, Instant when) const {
  const std::lock_guard lock(mutex_);
  const auto path = paths_.find(pipeline);
  const bool own_only = path != paths_.end() && path->second.gave_up;
  return (own_only ? path->second.delivered : delivered_) > when;
}

void Tenant::gave_up(const std::string& pipeline) {
  const std::lock_guard lock(mutex_);
  path_of(pipeline).gave_up = true;
}

std::size_t Tenant::open_now(const std::string& pipeline) {
  {
    const std::lock_guard lock(mutex_);
    if (!path_of(pipeline).breaker.end_open_time()) return 0;
  }
  around_.moved();
  return 1;
}

std::size_t Tenant::reset_breakers() {
  std::size_t open = 0;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [pipeline, path] : paths_) open += path.breaker.end_open_time() ? 1 : 0;
  }
  around_.moved();
  return open;
}

void Tenant::note_move(const std::string& pipeline, const Path& path, Instant now) {
  std::vector<telemetry::Field> fields{
      {"target", name_.target}, {"tenant", name_.tenant}, {"pipeline", pipeline}};
  if (path.breaker.state() == Breaker::State::closed) {
    around_.log.write(telemetry::Level::info, telemetry::Event::breaker_closed, fields);
    return;
  }
  if (path.breaker.state() != Breaker::State::open) return;
  const auto wait =
      std::chrono::duration_cast<std::chrono::milliseconds>(path.breaker.open_until() - now);
  fields.insert(fields.end(), {{"reason", std::string(to_string(StallReason::unauthorized))},
                               {"detail", path.detail},
                               {"next_probe_ms", wait.count()}});
  around_.log.write(telemetry::Level::warn, telemetry::Event::breaker_opened, fields);
}

}  // namespace sluice::deliver
