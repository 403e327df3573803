// What people read and programs are given alike.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/verdict.h"
#include "config/config.h"
#include "explain/explanation.h"

namespace sluice::explain {

std::string_view to_string(Fate fate);
std::string_view to_string(config::Order order);

// "would be sent", "goes to orders.dlq as schema".
std::string fate_words(const ShownRecord& record, const config::Pipeline& pipeline);
// "json_array, as gzip from 1KiB on"
std::string body_words(const config::Pipeline& pipeline, const config::Compression& compression);
// Of the record's schema: "holds", "is broken", "was not looked at".
std::string schema_words(const Explanation& explanation);
// Why the batch has no more records.
std::string closed_words(CloseReason reason, const config::Pipeline& pipeline);
// One limit of the target and what is used of it: "1000 requests/1s, of which at most 900 go".
std::string limit_words(const config::RateLimit& limit, const config::Pipeline& pipeline);
// The limits that the pipeline's requests count against.
std::vector<config::RateLimit> limits_of(const config::Pipeline& pipeline,
                                         const config::Target& target);
// When the breaker opens, and when it tries again.
std::string breaker_words(const config::CircuitBreaker& breaker);
// The beginning of a body, cut between characters.
std::string_view beginning(std::string_view body, std::size_t most);

}  // namespace sluice::explain
