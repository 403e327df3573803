#include "service/token_keeper.h"

#include <algorithm>
#include <utility>

#include "base/threads.h"
#include "credentials/bearer.h"

namespace sluice::service {
namespace {

// So late does it see that a token has ceased to be good, at most.
constexpr Duration kLongestSleep = std::chrono::seconds(1);
// Between tries of another client that shares the store; doubled up to four minutes.
constexpr Duration kFirstWait = std::chrono::seconds(4);
constexpr std::uint32_t kMostDoublings = 6;

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
  auto thread = start_thread("tokens", [this] { run(); });
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
  if (version != credential_.version_in_use()) return true;  // another one is there already
  {
    const std::lock_guard lock(mutex_);
    if (source_ == nullptr) return false;
    source_->ask_for_new(published_);
    if (source_->due() > around_.clock.now()) return version != credential_.version_in_use();
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
    if (offered_) candidate_ = Candidate{*std::exchange(offered_, std::nullopt), nullptr, now, 0};
    lock.unlock();
    look();
    lock.lock();
  }
}

Instant TokenKeeper::next_look() const {
  Instant next = source_ ? source_->due() : Instant::max();
  if (candidate_) next = std::min(next, candidate_->try_at);
  return next;
}

void TokenKeeper::look() {
  if (!source_) {
    // Nothing is in use yet, so the newest is the one to begin with.
    if (candidate_) client_ = std::exchange(candidate_, std::nullopt)->client;
    auto source = make_source(client_);
    if (!source) return note_failure(source.error(), last_failure_, false);
    const std::lock_guard lock(mutex_);
    source_ = std::move(*source);
  }
  if (candidate_ && around_.clock.now() >= candidate_->try_at && try_candidate()) take_candidate();
  if (ending_) return;
  source_->tend(&ending_);
  publish();
}

// What the source says, as far as others do not know it yet.
void TokenKeeper::publish() {
  if (unproved_ && credential_.version_in_use() == unproved_version_) {
    client_.auths = *std::exchange(unproved_, std::nullopt);
  }
  const auto standing = source_->standing();
  const bool good = standing.good_at(around_.clock.now());
  if (standing.error) {
    note_failure(*standing.error, last_failure_, good);
  } else {
    last_failure_.clear();
  }
  credential_.set_trouble(standing.error || candidate_);
  if (!good) {
    gate_.hold(standing.error ? standing.error->text() : "the access token has expired");
    return;
  }
  if (standing.fingerprint != published_ || sign_anew_) sign_with(standing);
  gate_.hold(std::nullopt);
}

void TokenKeeper::sign_with(const credentials::TokenStanding& standing) {
  const auto signer_of = [&](const config::Auths& auths) -> deliver::LiveCredential::SharedSigner {
    auto signer = auth::make_signer(credentials::with_token(auths, standing.token));
    return signer ? std::move(*signer) : nullptr;  // which was tried before it came here
  };
  const auto on_trial = unproved_ ? signer_of(*unproved_) : nullptr;
  unproved_version_ = credential_.replace(signer_of(client_.auths), standing.expires_at, on_trial);
  if (on_trial && unproved_version_ == 0) unproved_version_ = credential_.offer(on_trial);
  sign_anew_ = false;
  const std::lock_guard lock(mutex_);
  published_ = standing.fingerprint;
}

// True: a token came with it.
bool TokenKeeper::try_candidate() {
  return same_store(candidate_->client.auths, client_.auths) ? try_in_place() : try_beside();
}

bool TokenKeeper::try_beside() {
  if (!candidate_->source) {
    auto made = make_source(candidate_->client);
    if (!made) {
      candidate_failed(made.error());
      return false;
    }
    candidate_->source = std::move(*made);
  }
  candidate_->source->tend(&ending_);
  const auto standing = candidate_->source->standing();
  if (standing.good_at(around_.clock.now())) return true;
  candidate_->try_at = candidate_->source->due();
  if (standing.error) note_failure(*standing.error, last_failure_of_candidate_, true);
  return false;
}

// A store has one owner: the source in use asks as the candidate does, and goes back where that
// fails.
bool TokenKeeper::try_in_place() {
  const auto use = [this](const Client& client) {
    return source_->use(*credentials::oauth2_in(client.auths), client.route);
  };
  if (auto used = use(candidate_->client); !used) {
    candidate_failed(used.error());
    return false;
  }
  source_->tend(&ending_);
  const auto standing = source_->standing();
  if (!standing.error) return true;
  candidate_failed(*standing.error);
  use(client_);
  return false;
}

void TokenKeeper::candidate_failed(const Error& error) {
  const Duration wait = kFirstWait * (1U << std::min(candidate_->tries, kMostDoublings));
  candidate_->try_at = around_.clock.now() + wait;
  ++candidate_->tries;
  note_failure(error, last_failure_of_candidate_, true);
}

void TokenKeeper::take_candidate() {
  Candidate taken = *std::exchange(candidate_, std::nullopt);
  sign_anew_ = true;  // also where the server gives the same token again
  last_failure_of_candidate_.clear();
  client_.route = taken.client.route;
  if (same_beside(taken.client.auths, client_.auths)) {
    client_.auths = std::move(taken.client.auths);
    unproved_.reset();
  } else {
    unproved_ = std::move(taken.client.auths);
  }
  const std::lock_guard lock(mutex_);
  if (taken.source) source_ = std::move(taken.source);
}

// Each once, however often it is tried.
void TokenKeeper::note_failure(const Error& error, std::string& last, bool in_use_is_good) {
  credential_.set_trouble(true);
  if (error.text() == last) return;
  last = error.text();
  around_.log.write(
      in_use_is_good ? telemetry::Level::warn : telemetry::Level::error,
      telemetry::Event::token_failed,
      {{"target", target_},
       {"detail", error.cause},
       {"remedy", error.remedy},
       {"effect", in_use_is_good ? "the token in use is still good" : "nothing is sent"}});
}

}  // namespace sluice::service
