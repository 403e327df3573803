#include "check/health_request.h"

#include <utility>

#include "base/text_template.h"
#include "http/ask.h"
#include "pipeline/options_of.h"

namespace sluice::check {

HealthAnswer ask(const http::ClientOptions& options, http::Request request, const Clock& clock) {
  auto client = http::Client::create(options, clock);
  if (!client) {
    return tl::unexpected(
        http::TransportError{http::TransportErrorKind::tls, client.error().text()});
  }
  return http::ask(**client, std::move(request));
}

HealthAnswer ask_health(const config::Target& target, const auth::Signer* signer,
                        const Clock& clock) {
  http::Request request{"GET", target.base_url + target.health->path, {}, {}};
  for (const config::TargetHeader& header : target.headers) {
    const auto value = TextTemplate::parse(header.value);
    if (value && value->fixed()) request.headers.push_back({header.name, value->filled_with("")});
  }
  if (signer != nullptr) {
    auth::Outgoing outgoing = auth::outgoing_to(request.url);
    outgoing.method = request.method;
    outgoing.id = "sluice-check";
    outgoing.now = clock.wall_now();
    auth::Signed added;
    signer->sign(outgoing, added);
    for (auto& [name, value] : added.headers) request.headers.push_back({name, value});
    if (!added.query.empty()) request.url += "?" + added.query;
  }
  http::ClientOptions options = pipeline::client_options_of(target);
  options.timeout = options.connect_timeout;
  return ask(options, std::move(request), clock);
}

}  // namespace sluice::check
