#include "explain/follows.h"

#include <cmath>

#include "config/values.h"

namespace sluice::explain {
namespace {

std::string schedule_of(const config::CircuitBreaker& breaker) {
  return "after " + config::format_duration(breaker.open_for) + ", growing to " +
         config::format_duration(breaker.max_open_for);
}

std::string given_up(const config::Pipeline& pipeline) {
  switch (pipeline.on_exhausted) {
    case config::OnExhausted::dead_letter:
      return set_aside(pipeline, DeadLetterReason::exhausted);
    case config::OnExhausted::drop:
      return "is dropped (on_exhausted)";
    case config::OnExhausted::park:
      return "stands still as suspect_record (on_exhausted: park)";
  }
  return {};
}

std::string after_retry(const config::Pipeline& pipeline) {
  const config::Retry& retry = pipeline.retry;
  return "sent again as it was, after " + config::format_duration(retry.initial) + ", growing to " +
         config::format_duration(retry.max) + "; counts for the breaker. A record that fails " +
         std::to_string(retry.attempts) + " times while its neighbours are delivered " +
         given_up(pipeline);
}

std::string after_refusal(const config::Pipeline& pipeline) {
  std::string words = "searched for the bad records: one that is refused alone " +
                      set_aside(pipeline, DeadLetterReason::rejected) +
                      ", the others are delivered";
  if (!pipeline.refusal_guard) return words;
  const auto percent = static_cast<int>(std::lround(pipeline.refusal_guard->share * 100));
  return words + ". Parks once " + std::to_string(percent) + "% of the last " +
         std::to_string(pipeline.refusal_guard->of) + " are refused (refusal_guard)";
}

}  // namespace

std::string set_aside(const config::Pipeline& pipeline, DeadLetterReason reason) {
  if (!pipeline.dead_letter) return "stands still as no_dead_letter_topic (dead_letter: none)";
  return "goes to " + pipeline.dead_letter->topic + " as " + std::string(to_string(reason));
}

std::string what_follows(Verdict verdict, const config::Pipeline& pipeline,
                         const config::Target& target) {
  const std::string schedule = schedule_of(target.circuit_breaker);
  switch (verdict) {
    case Verdict::delivered:
      return "committed";
    case Verdict::retry:
      return after_retry(pipeline);
    case Verdict::throttled:
      return "nothing is sent until the time that Retry-After names, or for a growing wait; no "
             "attempt is spent, the breaker does not count it";
    case Verdict::split:
      return "sent again in halves; a record that is too large alone " +
             set_aside(pipeline, DeadLetterReason::too_large);
    case Verdict::rejected:
      return after_refusal(pipeline);
    case Verdict::unauthorized:
      return "parks, and tries again " + schedule +
             ". A record goes away only for a 403 of it "
             "alone, and while others of the same credential are delivered";
    case Verdict::misconfigured:
      return "parks, and tries again " + schedule + "; no record is set aside";
  }
  return {};
}

}  // namespace sluice::explain
