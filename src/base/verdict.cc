#include "base/verdict.h"

namespace sluice {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return "delivered";
    case Verdict::retry:
      return "retry";
    case Verdict::throttled:
      return "throttled";
    case Verdict::split:
      return "split";
    case Verdict::rejected:
      return "rejected";
    case Verdict::unauthorized:
      return "unauthorized";
    case Verdict::misconfigured:
      return "misconfigured";
  }
  return "unknown";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::delivered:
      return "delivered";
    case Outcome::dead_lettered:
      return "dead_lettered";
    case Outcome::dropped:
      return "dropped";
    case Outcome::abandoned:
      return "abandoned";
  }
  return "unknown";
}

std::string_view to_string(DeadLetterReason reason) {
  switch (reason) {
    case DeadLetterReason::not_json:
      return "not_json";
    case DeadLetterReason::too_large:
      return "too_large";
    case DeadLetterReason::schema:
      return "schema";
    case DeadLetterReason::null_value:
      return "null_value";
    case DeadLetterReason::unroutable:
      return "unroutable";
    case DeadLetterReason::rejected:
      return "rejected";
    case DeadLetterReason::exhausted:
      return "exhausted";
    case DeadLetterReason::expired:
      return "expired";
    case DeadLetterReason::by_operator:
      return "by_operator";
  }
  return "unknown";
}

std::optional<DeadLetterReason> dead_letter_reason(std::string_view name) {
  for (const DeadLetterReason reason : kAllDeadLetterReasons) {
    if (to_string(reason) == name) return reason;
  }
  return std::nullopt;
}

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::count:
      return "count";
    case CloseReason::bytes:
      return "bytes";
    case CloseReason::linger:
      return "linger";
    case CloseReason::route:
      return "route";
  }
  return "unknown";
}

std::string_view to_string(StallReason reason) {
  switch (reason) {
    case StallReason::flowing:
      return "flowing";
    case StallReason::starting:
      return "starting";
    case StallReason::broker_unreachable:
      return "broker_unreachable";
    case StallReason::kafka_error:
      return "kafka_error";
    case StallReason::breaker_open:
      return "breaker_open";
    case StallReason::throttled:
      return "throttled";
    case StallReason::rate_limited:
      return "rate_limited";
    case StallReason::unauthorized:
      return "unauthorized";
    case StallReason::misconfigured:
      return "misconfigured";
    case StallReason::suspect_record:
      return "suspect_record";
    case StallReason::retrying:
      return "retrying";
    case StallReason::refusal_guard:
      return "refusal_guard";
    case StallReason::dead_letter_unwritable:
      return "dead_letter_unwritable";
    case StallReason::no_dead_letter_topic:
      return "no_dead_letter_topic";
    case StallReason::offset_out_of_range:
      return "offset_out_of_range";
    case StallReason::membership_unsure:
      return "membership_unsure";
    case StallReason::commit_failing:
      return "commit_failing";
    case StallReason::awaiting_answer:
      return "awaiting_answer";
    case StallReason::unconfirmed_limit:
      return "unconfirmed_limit";
    case StallReason::memory_full:
      return "memory_full";
    case StallReason::paused:
      return "paused";
    case StallReason::stopping:
      return "stopping";
    case StallReason::not_responding:
      return "not_responding";
  }
  return "unknown";
}

}  // namespace sluice
