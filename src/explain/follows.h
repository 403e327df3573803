// What a verdict leads to, in plain words: the table of docs/verdicts.md with a pipeline's own
// values. deliver/reactions.h does it.
#pragma once

#include <string>

#include "base/verdict.h"
#include "config/config.h"

namespace sluice::explain {

std::string what_follows(Verdict verdict, const config::Pipeline& pipeline,
                         const config::Target& target);

// Where a record goes that is not to be sent: "goes to orders.dlq as schema", or what stands still
// instead.
std::string set_aside(const config::Pipeline& pipeline, DeadLetterReason reason);

}  // namespace sluice::explain
