// The API of a pipeline, for letters that go straight to it.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "replay/destination.h"

namespace sluice::cli {

// `clock` and `random` outlive it.
Result<std::unique_ptr<replay::Destination>> make_api_destination(const config::Pipeline& pipeline,
                                                                  const config::Target& target,
                                                                  const Clock& clock,
                                                                  Random& random);

// `wished`, or what the target's rate limits leave of it: a replay sends one record a request.
double rate_within_limits(double wished, const config::Target& target);

}  // namespace sluice::cli
