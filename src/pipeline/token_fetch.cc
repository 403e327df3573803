#include "pipeline/token_fetch.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "auth/encoding.h"
#include "codec/json_check.h"
#include "codec/json_pointer.h"
#include "http/client.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr std::size_t kLongestAnswer = std::size_t{64} * 1024;
// Where the server does not say how long a token is good for.
constexpr std::int64_t kDefaultSeconds = 300;
constexpr std::int64_t kMostSeconds = std::int64_t{7} * 24 * 3600;

constexpr const char* kSeeToEndpoint =
    "see to the token server, or correct token_endpoint of kafka.sasl";

// RFC 6749, section 5.2: of an error its code alone is for people, and only what looks like one.
std::string error_code(const std::optional<std::string>& text) {
  constexpr std::size_t kLongest = 64;
  const bool code = text && !text->empty() && text->size() <= kLongest &&
                    std::all_of(text->begin(), text->end(),
                                [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return code ? " (" + *text + ")" : "";
}

class TokenServer {
 public:
  TokenServer(const config::KafkaSasl& sasl, const Clock& clock) : sasl_(sasl), clock_(clock) {
    options_.connections = 1;
    options_.timeout = kPatience;
    options_.max_response = kLongestAnswer;
    options_.tls.ca = sasl.ca;
  }

  Result<kafka::Token> ask() const {
    const auto answer = post();
    if (!answer) return tl::unexpected(answer.error());
    std::string json = answer->body;
    json.reserve(json.size() + codec::JsonCheck::kPadding);
    std::vector<std::optional<std::string>> fields(3);
    if (!codec::JsonCheck().check(json)) {
      fields = codec::texts_at(json, {"/access_token", "/error", "/token_type"});
    }
    if (answer->status != 200) {
      return fail(name() + " answers " + std::to_string(answer->status) + error_code(fields[1]),
                  answer->status >= 500
                      ? kSeeToEndpoint
                      : "correct token_endpoint, client_id, client_secret and scope of kafka.sasl");
    }
    if (!fields[0] || fields[0]->empty()) {
      return fail(name() + " answers 200 without an access_token", kSeeToEndpoint);
    }
    const std::int64_t seconds =
        std::clamp(codec::integer_at(json, "/expires_in").value_or(kDefaultSeconds),
                   std::int64_t{1}, kMostSeconds);
    return kafka::Token{std::move(*fields[0]), clock_.wall_now() + std::chrono::seconds(seconds)};
  }

 private:
  std::string name() const { return "the token endpoint " + sasl_.token_endpoint; }

  Result<http::Answer> post() const {
    auto client = http::Client::create(options_, clock_);
    if (!client) return tl::unexpected(client.error());
    const std::string body =
        "grant_type=client_credentials" +
        (sasl_.scope.empty() ? "" : "&scope=" + auth::percent_encoded(sasl_.scope));
    // RFC 6749, section 2.3.1: both are form-encoded first.
    const std::string credentials =
        auth::basic_credentials(auth::percent_encoded(sasl_.client_id),
                                auth::percent_encoded(sasl_.client_secret.reveal()));
    (*client)->send({"POST",
                     sasl_.token_endpoint,
                     {{"Authorization", "Basic " + credentials},
                      {"Content-Type", "application/x-www-form-urlencoded"},
                      {"Accept", "application/json"}},
                     body});
    std::vector<http::Completion> done;
    const Instant deadline = clock_.now() + 2 * kPatience;
    while (done.empty() && clock_.now() < deadline) {
      (*client)->poll(std::chrono::milliseconds(100), -1, done);
    }
    if (done.empty()) return fail(name() + " does not answer", kSeeToEndpoint);
    if (!done.front().result) {
      return fail(name() + " does not answer: " + done.front().result.error().detail,
                  kSeeToEndpoint);
    }
    return std::move(*done.front().result);
  }

  config::KafkaSasl sasl_;
  const Clock& clock_;
  http::ClientOptions options_;
};

}  // namespace

std::function<Result<kafka::Token>()> token_fetch(const config::KafkaSasl& sasl,
                                                  const Clock& clock) {
  return [server = TokenServer(sasl, clock)] { return server.ask(); };
}

}  // namespace sluice::pipeline
