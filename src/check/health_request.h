// Asking a target for its health path.
#pragma once

#include "auth/signer.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "http/client.h"

namespace sluice::check {

using HealthAnswer = tl::expected<http::Answer, http::TransportError>;

// GET of the target's health path, with its fixed headers, signed where `signer` is not null.
// Blocks at most for connect_timeout. TLS files that cannot be used are a `tls` error.
HealthAnswer ask_health(const config::Target& target, const auth::Signer* signer,
                        const Clock& clock);

// One request by a client of its own. Blocks for the options' timeout at most.
HealthAnswer ask(const http::ClientOptions& options, http::Request request, const Clock& clock);

}  // namespace sluice::check
