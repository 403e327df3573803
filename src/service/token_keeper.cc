#include "service/token_keeper.h"

#include <algorithm>
#include <utility>

#include "base/threads.h"
#include "credentials/bearer.h"

namespace sluice::service {
namespace {

// So late does it see that a token has ceased to be good, at most.
constexpr Duration kLongestSleep = std::chrono::seconds(1);

bool same_store(const config::Auths& a, const config::Auths& b) {
  const std::string& store = credentials::oauth2_in(a)->store;
  return !store.empty() && store == credentials::oauth2_in(b)->store;
}

// But for what the tokens are asked for with.
bool same_beside(const config::Auths& a, const config::Auths& b) {
  const config::Secret any("any");
  return credentials::with_token(a, any) == credentials::with_token(b, any);
}

}  // namespace

Result<std::unique_ptr<TokenKeeper>> TokenKeeper::make(const std::string& target, Client client,
                                                       bool successor, std::uint64_t seed,
                                                       deliver::LiveCredential& credential,
                                                       deliver::TargetGate& gate,
                                                       const Surroundings& around) {
  std::unique_ptr<TokenKeeper> keeper(
      new TokenKeeper(target, std::move(client), seed, credential, gate, around));
  auto source = keeper->make_source(keeper->client_);
  if (!source && !successor) return tl::unexpected(source.error());
  if (source) keeper->source_ = std::move(*source);
  gate.hold("no access token came yet");
  return keeper;
}

TokenKeeper::TokenKeeper(const std::string& target, Client client, std::uint64_t seed,
                         deliver::LiveCredential& credential, deliver::TargetGate& gate,
                         const Surroundings& around)
    : target_(target),
      credential_(credential),
      gate_(gate),
      around_(around),
      random_(seed),
      client_(std::move(client)) {}

TokenKeeper::~TokenKeeper() {
  ending_ = true;
  {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Result<TokenKeeper::Source> TokenKeeper::make_source(const Client& client) {
  return credentials::TokenSource::create(*credentials::oauth2_in(client.auths), client.route,
                                          around_.clock, random_);
}

Result<void> TokenKeeper::start() {
  auto thread = start_thread([this] { run(); });
  if (!thread) return tl::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void TokenKeeper::renew(Client client) {
  const std::lock_guard lock(mutex_);
  offered_ = std::move(client);
  changed_.notify_all();
}

bool TokenKeeper::refused(auth::Credential::Version version) {
  {
    const std::lock_guard lock(mutex_);
    if (version < version_) return true;  // another one is there already
    if (source_ == nullptr) return false;
    source_->ask_for_new(published_);
    if (source_->due() > around_.clock.now()) return false;
    wanted_ = true;
    changed_.notify_all();
  }
  gate_.hold("the API refused the access token; a new one is asked for");
  return true;
}

void TokenKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const Instant now = around_.clock.now();
    const Instant next = std::min(next_look(), now + kLongestSleep);
    if (next > now && !wanted_ && !offered_) {
      changed_.wait_for(lock, next - now, [this] { return ending_ || wanted_ || offered_; });
    }
    if (ending_) return;
    wanted_ = false;
    if (offered_) {
      candidate_ = std::exchange(offered_, std::nullopt);
      candidate_source_.reset();
    }
    lock.unlock();
    look();
    lock.lock();
  }
}

Instant TokenKeeper::next_look() const {
  Instant next = source_ ? source_->due() : Instant::max();
  if (candidate_source_) next = std::min(next, candidate_source_->due());
  return next;
}

void TokenKeeper::look() {
  if (candidate_) try_candidate();
  if (ending_) return;
  if (!source_) take_back();
  if (!source_) return;
  source_->tend(&ending_);
  publish();
}

// After a candidate that needed its store.
void TokenKeeper::take_back() {
  auto source = make_source(client_);
  if (!source) return note_failure(source.error(), true);
  const std::lock_guard lock(mutex_);
  source_ = std::move(*source);
}

// What the source says, as far as others do not know it yet.
void TokenKeeper::publish() {
  const auto standing = source_->standing();
  const bool good = standing.good_at(around_.clock.now());
  if (standing.error) {
    note_failure(*standing.error, good);
  } else {
    last_failure_.clear();
  }
  if (!good) {
    gate_.hold(standing.error ? standing.error->text() : "the access token has expired");
    return;
  }
  if (standing.fingerprint != published_) {
    auto signer = auth::make_signer(credentials::with_token(client_.auths, standing.token));
    if (!signer) {
      note_failure(signer.error(), false);
      gate_.hold(signer.error().text());
      return;
    }
    const auto version = credential_.replace(std::move(*signer), standing.expires_at);
    const std::lock_guard lock(mutex_);
    published_ = standing.fingerprint;
    version_ = version;
  }
  gate_.hold(std::nullopt);
}

// Two sources cannot have one store: there the one before goes first, and comes back where the
// candidate fails. What it fetched stays in use meanwhile.
void TokenKeeper::try_candidate() {
  const bool exchange = same_store(candidate_->auths, client_.auths);
  if (exchange) {
    const std::lock_guard lock(mutex_);
    source_.reset();
  }
  if (!candidate_source_) {
    auto made = make_source(*candidate_);
    if (!made) {
      note_failure(made.error(), true);
      candidate_.reset();
      return;
    }
    candidate_source_ = std::move(*made);
  }
  candidate_source_->tend(&ending_);
  const auto standing = candidate_source_->standing();
  if (standing.good_at(around_.clock.now())) return take_candidate();
  if (standing.error) note_failure(*standing.error, true);
  if (!exchange) return;  // it asks again in its time
  candidate_source_.reset();
  candidate_.reset();
}

void TokenKeeper::take_candidate() {
  const bool proved = same_beside(candidate_->auths, client_.auths);
  client_ = *std::exchange(candidate_, std::nullopt);
  {
    const std::lock_guard lock(mutex_);
    source_ = std::move(candidate_source_);
    if (!proved) published_ = source_->standing().fingerprint;
  }
  if (proved) return;
  const auto standing = source_->standing();
  auto signer = auth::make_signer(credentials::with_token(client_.auths, standing.token));
  if (signer) credential_.offer(std::move(*signer));
}

// Each once, however often it is tried.
void TokenKeeper::note_failure(const Error& error, bool in_use_is_good) {
  around_.metrics.credential(target_, "").set_newest_refused(true);
  if (error.text() == last_failure_) return;
  last_failure_ = error.text();
  around_.log.write(
      in_use_is_good ? telemetry::Level::warn : telemetry::Level::error,
      telemetry::Event::token_failed,
      {{"target", target_},
       {"detail", error.cause},
       {"remedy", error.remedy},
       {"effect", in_use_is_good ? "the token in use is still good" : "nothing is sent"}});
}

}  // namespace sluice::service
