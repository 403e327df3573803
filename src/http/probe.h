// Whether a target can be reached, without asking it anything.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "http/client.h"

namespace sluice::http {

struct ProbeResult {
  std::string address;  // "192.0.2.1:443", of the proxy where there is one
  bool tls = false;
  std::optional<WallTime> certificate_expires;  // of the target, where there is TLS
  std::string certificate_subject;
  Duration took{};
};

// Connects to the host of `url` as a request would, through the proxy and through TLS, and hangs
// up. A proxy is asked for no connection where it would be handed a request in clear. Blocks, for
// connect_timeout at most. TLS files that cannot be used are a `tls` error.
tl::expected<ProbeResult, TransportError> probe(const std::string& url,
                                                const ClientOptions& options, const Clock& clock);

}  // namespace sluice::http
