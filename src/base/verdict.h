// The closed lists of the house: what an attempt's result means, how a record ended, why something
// was set aside, why something stands still. Their names are metric labels, log fields and
// dead-letter headers, so a rename is a breaking change (tests/golden holds them).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

// What the result of one attempt means. Made in one place: deliver/verdict_rules.
enum class Verdict : std::uint8_t {
  delivered,      // the API has it
  retry,          // it may work later: the target's trouble, not the records'
  throttled,      // too fast: spends no attempt
  split,          // the body is too large
  rejected,       // the API refuses these records
  unauthorized,   // the API refuses our credentials
  misconfigured,  // the API is not what the configuration thinks it is
};
inline constexpr std::array kAllVerdicts{
    Verdict::delivered, Verdict::retry,        Verdict::throttled,    Verdict::split,
    Verdict::rejected,  Verdict::unauthorized, Verdict::misconfigured};
std::string_view to_string(Verdict verdict);

// How one record ended.
enum class Outcome : std::uint8_t {
  delivered,
  dead_lettered,
  dropped,    // by an explicit policy
  abandoned,  // not committed; whoever owns the partition next reads it again
};
std::string_view to_string(Outcome outcome);

// Why a record went to the dead-letter topic.
enum class DeadLetterReason : std::uint8_t {
  not_json,
  too_large,    // above max_record_bytes, or 413 for it alone
  schema,       // not of the pipeline's schema
  null_value,   // a tombstone or an empty value under null_values: dead_letter
  unroutable,   // its path or headers cannot be made from it
  rejected,     // the API refused it alone
  exhausted,    // it used up its attempts while its neighbours were delivered
  expired,      // older than max_age
  by_operator,  // released so by hand
};
inline constexpr std::array kAllDeadLetterReasons{
    DeadLetterReason::not_json,   DeadLetterReason::too_large,  DeadLetterReason::schema,
    DeadLetterReason::null_value, DeadLetterReason::unroutable, DeadLetterReason::rejected,
    DeadLetterReason::exhausted,  DeadLetterReason::expired,    DeadLetterReason::by_operator};
// The reason of that name; nullopt where there is none.
std::optional<DeadLetterReason> dead_letter_reason(std::string_view name);
std::string_view to_string(DeadLetterReason reason);

// Why a batch was closed.
enum class CloseReason : std::uint8_t {
  count,
  bytes,
  linger,
  route,  // too many groups of records are open at once
};
inline constexpr std::array kAllCloseReasons{CloseReason::count, CloseReason::bytes,
                                             CloseReason::linger, CloseReason::route};
std::string_view to_string(CloseReason reason);

// Why a pipeline or partition stands still; `flowing` when it does not.
enum class StallReason : std::uint8_t {
  flowing,
  starting,            // resolving offsets, joining the group
  broker_unreachable,  // no broker answers
  kafka_error,         // the broker refuses us: authorization, unknown topic, fenced member
  breaker_open,        // the target fails
  throttled,           // the target asked us to wait
  rate_limited,        // our own budget for the target is used up
  unauthorized,        // the target refuses our credentials
  misconfigured,       // the target answers what no configured API would
  suspect_record,      // one record fails, and no neighbour tells whether it or the target is bad
  retrying,            // of a partition: what failed is tried again
  refusal_guard,       // the target refuses too many records
  dead_letter_unwritable,  // a dead letter cannot be confirmed
  no_dead_letter_topic,    // a record was refused and dead_letter is none
  offset_out_of_range,     // the committed offset is no longer in the topic
  membership_unsure,       // the process was frozen longer than the session lasts
  commit_failing,          // the broker does not confirm commits
  awaiting_answer,         // a request is under way for seconds
  unconfirmed_limit,       // max_unconfirmed_batches are sent and not committed
  memory_full,             // of a partition: what others hold leaves no room for its records
  paused,                  // by an operator
  stopping,
  not_responding,  // a worker's loop does not turn; said of it by others
};
inline constexpr std::array kAllStallReasons{StallReason::flowing,
                                             StallReason::starting,
                                             StallReason::broker_unreachable,
                                             StallReason::kafka_error,
                                             StallReason::breaker_open,
                                             StallReason::throttled,
                                             StallReason::rate_limited,
                                             StallReason::unauthorized,
                                             StallReason::misconfigured,
                                             StallReason::suspect_record,
                                             StallReason::retrying,
                                             StallReason::refusal_guard,
                                             StallReason::dead_letter_unwritable,
                                             StallReason::no_dead_letter_topic,
                                             StallReason::offset_out_of_range,
                                             StallReason::membership_unsure,
                                             StallReason::commit_failing,
                                             StallReason::awaiting_answer,
                                             StallReason::unconfirmed_limit,
                                             StallReason::memory_full,
                                             StallReason::paused,
                                             StallReason::stopping,
                                             StallReason::not_responding};
std::string_view to_string(StallReason reason);

}  // namespace sluice
