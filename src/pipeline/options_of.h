// What the parts of a pipeline are made with, as the configuration says it.
#pragma once

#include "batch/strands.h"
#include "codec/body.h"
#include "codec/record_codec.h"
#include "codec/router.h"
#include "config/config.h"
#include "deliver/deliverer.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"
#include "kafka/options.h"
#include "pipeline/worker_parts.h"

namespace sluice::pipeline {

// Without a log. Borrows the clock, for tokens.
kafka::ClientOptions kafka_options_of(const config::Config& config, const Clock& clock);
codec::BodyFormat body_format_of(const config::Pipeline& pipeline);
codec::NullPolicy null_policy_of(const config::Pipeline& pipeline);
// The loader has checked the templates.
codec::Router router_of(const config::Pipeline& pipeline, const config::Target& target);
// Batches of a partition may be sent while one before them is not finished.
bool may_run_ahead(const config::Pipeline& pipeline, const config::Target& target);
batch::Strands::Options strands_options_of(const config::Pipeline& pipeline,
                                           const config::Target& target);
deliver::VerdictRules verdict_rules_of(const config::Pipeline& pipeline);
http::ClientOptions client_options_of(const config::Target& target);
deliver::DelivererOptions deliverer_options_of(const WorkerOptions& options);

}  // namespace sluice::pipeline
