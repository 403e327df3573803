#include "pipeline/token_fetch.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/token_request.h"
#include "base/random.h"
#include "credentials/token_answer.h"
#include "http/ask.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr std::size_t kLongestAnswer = std::size_t{64} * 1024;
// Where the server does not say how long a token is good for.
constexpr Duration kUnknownLife = std::chrono::minutes(5);

// The keys have other names here than those of a target's auth.
constexpr const char* kCorrectKeys =
    "correct token_endpoint, client_id, client_secret and scope of kafka.sasl";
constexpr const char* kSeeToEndpoint =
    "see to the token server, or correct token_endpoint of kafka.sasl";

config::OAuth2Auth client_of(const config::KafkaSasl& sasl) {
  config::OAuth2Auth client;
  client.token_url = sasl.token_endpoint;
  client.client_id = sasl.client_id;
  client.client_secret = sasl.client_secret;
  client.scope = sasl.scope;
  return client;
}

http::ClientOptions route_of(const config::KafkaSasl& sasl) {
  http::ClientOptions options;
  options.connections = 1;
  options.timeout = kPatience;
  options.max_response = kLongestAnswer;
  options.tls.ca = sasl.ca;
  return options;
}

// Immutable.
class TokenServer {
 public:
  TokenServer(const config::KafkaSasl& sasl, const Clock& clock)
      : client_(client_of(sasl)), route_(route_of(sasl)), clock_(clock) {}

  Result<kafka::Token> ask() const {
    const WallTime now = clock_.wall_now();
    auto answer = post(now);
    if (!answer) return tl::unexpected(answer.error());
    auto token = credentials::read_token_answer(answer->status, answer->body);
    if (!token) {
      const bool its_own = answer->status == 429 || answer->status >= 500;
      return fail(name() + " " + token.error().cause, its_own ? kSeeToEndpoint : kCorrectKeys);
    }
    return kafka::Token{
        std::string(token->access_token.reveal()),
        now + std::chrono::duration_cast<WallTime::duration>(token->life.value_or(kUnknownLife))};
  }

 private:
  std::string name() const { return "the token endpoint " + client_.token_url; }

  Result<http::Answer> post(WallTime now) const {
    const auto requests = auth::TokenRequests::make(client_);
    if (!requests) return tl::unexpected(requests.error());
    auto client = http::Client::create(route_, clock_);
    if (!client) return tl::unexpected(client.error());
    SeededRandom unused(0);  // for keys, of which there is none here
    const auth::TokenRequest request = requests->next({}, now, unused);
    std::vector<http::Header> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    auto answer =
        http::ask(**client, {"POST", client_.token_url, std::move(headers), request.body.reveal()});
    if (answer) return std::move(*answer);
    return fail(name() + " does not answer: " + answer.error().detail, kSeeToEndpoint);
  }

  const config::OAuth2Auth client_;
  const http::ClientOptions route_;
  const Clock& clock_;
};

}  // namespace

std::function<Result<kafka::Token>()> token_fetch(const config::KafkaSasl& sasl,
                                                  const Clock& clock) {
  return [server = std::make_shared<const TokenServer>(sasl, clock)] { return server->ask(); };
}

}  // namespace sluice::pipeline
