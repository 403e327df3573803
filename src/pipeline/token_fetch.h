// Tokens for the brokers, from an OAuth 2.0 server.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "kafka/options.h"

namespace sluice::pipeline {

// Asks the token endpoint as a client with credentials of its own (RFC 6749, section 4.4), each
// time that it is called. Blocks for about 5 s at most; may be called by several threads. An error
// names the endpoint and the server's error code, and shows nothing else of its answer. Borrows the
// clock.
std::function<Result<kafka::Token>()> token_fetch(const config::KafkaSasl& sasl,
                                                  const Clock& clock);

}  // namespace sluice::pipeline
