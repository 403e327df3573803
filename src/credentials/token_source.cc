#include "credentials/token_source.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "auth/fingerprint.h"
#include "http/ask.h"

namespace sluice::credentials {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{64} * 1024;
constexpr Duration kKeepAgain = std::chrono::seconds(10);
constexpr std::chrono::seconds kLongestRetryAfter(300);

// What the tokens in a store come from: see TokenStore::open().
std::string line_of(const config::OAuth2Auth& auth) {
  const config::Secret all(auth.token_url + '\n' + auth.client_id + '\n' +
                           std::string(auth.refresh_token.reveal()));
  return auth::fingerprint(all.reveal());
}

http::ClientOptions options_for(http::ClientOptions route, Duration timeout) {
  route.connections = 1;
  route.timeout = timeout;
  route.connect_timeout = std::min(route.connect_timeout, timeout);
  route.max_response = kMostAnswer;
  route.version = http::Version::automatic;
  return route;
}

// Of seconds alone; dates are not worth a clock that may be off.
Duration retry_after(const http::Answer& answer) {
  const std::string* const header = answer.header("retry-after");
  if (header == nullptr || (answer.status != 429 && answer.status < 500)) return {};
  unsigned seconds = 0;
  std::from_chars(header->data(), header->data() + header->size(), seconds);
  return std::min(std::chrono::seconds(seconds), kLongestRetryAfter);
}

}  // namespace

Result<std::unique_ptr<TokenSource>> TokenSource::create(const config::OAuth2Auth& auth,
                                                         http::ClientOptions route,
                                                         const Clock& clock, Random& random) {
  auto requests = auth::TokenRequests::make(auth);
  if (!requests) return tl::unexpected(std::move(requests.error()));
  std::optional<TokenStore> store;
  if (!auth.store.empty()) {
    auto opened = TokenStore::open(auth.store, line_of(auth));
    if (!opened) return tl::unexpected(std::move(opened.error()));
    store.emplace(std::move(*opened));
  }
  return std::unique_ptr<TokenSource>(new TokenSource(auth, std::move(*requests), std::move(route),
                                                      std::move(store), clock, random));
}

TokenSource::TokenSource(const config::OAuth2Auth& auth, auth::TokenRequests requests,
                         http::ClientOptions route, std::optional<TokenStore> store,
                         const Clock& clock, Random& random)
    : clock_(clock),
      random_(random),
      token_url_(auth.token_url),
      requests_(std::move(requests)),
      route_(options_for(std::move(route), auth.timeout)),
      store_(std::move(store)),
      refresh_token_(store_ && !store_->kept().empty() ? store_->kept() : auth.refresh_token),
      schedule_(clock.now(), random) {}

Result<void> TokenSource::use(const config::OAuth2Auth& auth, http::ClientOptions route) {
  auto requests = auth::TokenRequests::make(auth);
  if (!requests) return tl::unexpected(std::move(requests.error()));
  const std::lock_guard tending(tending_);
  token_url_ = auth.token_url;
  requests_ = std::move(*requests);
  route_ = options_for(std::move(route), auth.timeout);
  const std::lock_guard lock(mutex_);
  schedule_.ask_at_once(clock_.now());
  return {};
}

Instant TokenSource::due() const {
  const std::lock_guard lock(mutex_);
  return keep_due_ ? std::min(*keep_due_, schedule_.due()) : schedule_.due();
}

TokenStanding TokenSource::standing() const {
  const std::lock_guard lock(mutex_);
  return standing_;
}

void TokenSource::ask_for_new(std::string_view fingerprint) {
  const Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (fingerprint == standing_.fingerprint) schedule_.refused(now);
}

bool TokenSource::tend(const std::atomic<bool>* stop) {
  const std::unique_lock tending(tending_, std::try_to_lock);
  const Instant now = clock_.now();
  if (!tending || now < due()) return false;
  if (!kept_) keep_refresh_token();
  {
    const std::lock_guard lock(mutex_);
    if (now < schedule_.due()) return true;
  }
  Fetched fetched = fetch(stop);
  if (fetched) {
    take(std::move(*fetched), now);
    return true;
  }
  if (stop != nullptr && stop->load()) return false;  // perhaps that is why
  const std::lock_guard lock(mutex_);
  schedule_.failed(clock_.now(), fetched.error().wait);
  standing_.error = std::move(fetched.error().error);
  return true;
}

tl::unexpected<TokenSource::Failure> TokenSource::failure(const std::string& clause,
                                                          std::string remedy, Duration wait) const {
  return tl::unexpected(
      Failure{{"the token server " + token_url_ + " " + clause, std::move(remedy)}, wait});
}

// A client for each, so that certificates that were replaced meanwhile are the new ones.
TokenSource::Fetched TokenSource::fetch(const std::atomic<bool>* stop) {
  const auto client = http::Client::create(route_, clock_);
  if (!client) return tl::unexpected(Failure{client.error()});
  auth::TokenRequest made = requests_.next(refresh_token_, clock_.wall_now(), random_);
  http::Request request{"POST", token_url_, {}, made.body.reveal()};
  for (auth::Header& header : made.headers) {
    request.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  // An answer that is not waited for may be the only one with the next refresh token.
  auto answer = http::ask(**client, std::move(request), refresh_token_.empty() ? stop : nullptr);
  if (!answer) {
    return failure("gives no answer: " + answer.error().detail,
                   "see to it and to the network, or correct token_url");
  }
  auto tokens = read_token_answer(answer->status, answer->body);
  if (tokens) return std::move(*tokens);
  return failure(tokens.error().cause, std::move(tokens.error().remedy), retry_after(*answer));
}

// What replaces the refresh token is kept before the access token is used: a crash in between may
// cost a token that can be had again, never the one that all others come from.
void TokenSource::take(TokenAnswer answer, Instant sent) {
  const bool replaced = store_ && !answer.refresh_token.empty() &&
                        answer.refresh_token.reveal() != refresh_token_.reveal();
  if (replaced) refresh_token_ = std::move(answer.refresh_token);
  TokenStanding fresh;
  fresh.fingerprint = auth::fingerprint(answer.access_token.reveal());
  fresh.token = std::move(answer.access_token);
  fresh.fetched_at = clock_.wall_now();
  if (answer.life) {
    fresh.good_until = sent + *answer.life;
    fresh.expires_at = fresh.fetched_at + std::chrono::duration_cast<WallTime::duration>(
                                              *fresh.good_until - clock_.now());
  }
  if (replaced) keep_refresh_token();
  const std::lock_guard lock(mutex_);
  if (!kept_) fresh.error = standing_.error;
  standing_ = std::move(fresh);
  schedule_.fetched(sent, answer.life);
}

void TokenSource::keep_refresh_token() {
  auto result = store_->keep(refresh_token_);
  kept_ = result.has_value();
  const std::lock_guard lock(mutex_);
  if (kept_) {
    keep_due_.reset();
    standing_.error.reset();
  } else {
    keep_due_ = clock_.now() + kKeepAgain;
    standing_.error = std::move(result.error());
  }
}

}  // namespace sluice::credentials
