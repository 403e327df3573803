// The maps inside a pipeline.
#include <utility>

#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

enum class Jitter : std::uint8_t { full };
constexpr std::string_view kJitterMeanwhile = "remove it; jitter is full";
constexpr Choice<Jitter> kJitters[] = {
    {"full", Jitter::full}, {"equal", {}, kJitterMeanwhile}, {"none", {}, kJitterMeanwhile}};
constexpr Choice<Oversized> kOversized[] = {{"reference", Oversized::reference},
                                            {"park", Oversized::park}};

constexpr Key<BatchLimits> kBatchKeys[] = {
    {"max_records", whole<&BatchLimits::max_records, 1, 100'000>},
    {"max_bytes", size<&BatchLimits::max_bytes, 1, kMostBytes>},
    {"linger", duration<&BatchLimits::linger, 0, 10 * kMinute>},
};

void read_multiplier(Reader& reader, const Value& value, Retry& out) {
  const auto raw = reader.plain(value);
  if (!raw) return;
  const auto number = reader.take(value, parse_decimal(*raw));
  if (!number) return;
  if (*number < 1 || *number > 10) {
    reader.problem(value, in_quotes(*raw) + " is out of bounds", "use 1 to 10");
    return;
  }
  out.multiplier = *number;
}

Form multiplier_form() {
  Form form;
  form.keywords = R"("type":"number","minimum":1,"maximum":10)";
  form.bounds = "1 to 10";
  form.fallback = "2";
  return form;
}

// There is only one kind, so nothing keeps it.
void read_jitter(Reader& reader, const Value& value, Retry& /*out*/) {
  read_choice(reader, value, kJitters);
}

Form jitter_form() { return choice_form(kJitters, Jitter::full); }

constexpr Key<Retry> kRetryKeys[] = {
    {"initial", duration<&Retry::initial, 1, 10 * kMinute>},
    {"max", duration<&Retry::max, 1, kHour>},
    {"multiplier", {read_multiplier, multiplier_form}},
    {"jitter", {read_jitter, jitter_form}},
    {"attempts", whole<&Retry::attempts, 1, 1000>},
};

constexpr Key<RefusalGuard> kGuardKeys[] = {
    {"share", percent<&RefusalGuard::share>},
    {"of", whole<&RefusalGuard::of, 10, 100'000>},
};

constexpr Key<DeadLetter> kDeadLetterKeys[] = {
    {"topic", text<&DeadLetter::topic, parse_topic, topic_text>, Need::required,
     "topic: events.deposit.dlq"},
    {"max_bytes", size<&DeadLetter::max_bytes, kKiB, kMostBytes>},
    {"oversized", choice<&DeadLetter::oversized, kOversized>},
    {"response_excerpt", size<&DeadLetter::response_excerpt, 0, 64 * kKiB>},
};

}  // namespace

Form batch_form() { return map_form<kBatchKeys>(); }
Form retry_form() { return map_form<kRetryKeys>(); }
Form refusal_guard_form() { return or_words(map_form<kGuardKeys>(), {"none"}); }
Form dead_letter_form() { return or_words(map_form<kDeadLetterKeys>(), {"none"}); }

void read_batch(Reader& reader, const Value& value, Pipeline& out) {
  read_keys(reader, value, kBatchKeys, out.batch);
}

void read_retry(Reader& reader, const Value& value, Pipeline& out) {
  read_keys(reader, value, kRetryKeys, out.retry);
  if (out.retry.initial > out.retry.max) {
    reader.problem_of_key(value,
                          "initial " + format_duration(out.retry.initial) + " is longer than max " +
                              format_duration(out.retry.max),
                          "raise max or lower initial");
  }
}

void read_refusal_guard(Reader& reader, const Value& value, Pipeline& out) {
  if (!value.is_scalar()) {
    read_keys(reader, value, kGuardKeys, *out.refusal_guard);
  } else if (value.node->text == "none") {
    out.refusal_guard.reset();
  } else {
    reader.problem(value, "is neither none nor a map",
                   "write {share: 50%, of: 200}, or none to dead-letter however much is refused");
  }
}

void read_dead_letter(Reader& reader, const Value& value, Pipeline& out) {
  if (value.is_scalar()) {
    if (value.node->text == "none") return;
    reader.problem(value, "is neither none nor a map",
                   "write {topic: events.deposit.dlq}, or none to park at a refused record");
    return;
  }
  DeadLetter dead_letter;
  read_keys(reader, value, kDeadLetterKeys, dead_letter);
  out.dead_letter = std::move(dead_letter);
}

}  // namespace sluice::config
