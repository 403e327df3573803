// The one place where an attempt's result gets its meaning (design: Verdicts).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "batch/batch.h"
#include "config/config.h"
#include "http/client.h"

namespace sluice::deliver {

// What an answer said of one record of the request.
struct RecordResult {
  std::size_t record = 0;  // its number in the batch
  Verdict verdict = Verdict::rejected;
  std::optional<int> status;  // where the answer gave one
  std::string detail;         // in plain words; no payload
};

struct Judgement {
  Verdict verdict = Verdict::retry;
  std::optional<Duration> retry_after = std::nullopt;  // only where throttled
  std::string detail = {};       // in plain words, for logs and /status; no payload
  std::string_view remedy = {};  // what a person can do about it; empty: nothing
  // Only where delivered: those that are not, each once, in the order of the batch.
  std::vector<RecordResult> records = {};
  // Only where rejected: the record that the answer names as the bad one, its number in the batch.
  std::optional<std::size_t> named = std::nullopt;

  std::string words() const {
    return remedy.empty() ? detail : detail + "; " + std::string(remedy);
  }
};

// What was sent: the records [first, last) of a batch.
struct Sent {
  const batch::Batch& batch;
  batch::Range records;
};

// Immutable; safe from any thread.
class VerdictRules {
 public:
  struct Options {
    std::vector<config::StatusRange> success{{200, 299}};
    std::optional<std::string> expect = std::nullopt;  // JSON Pointer to the number of records that
                                                       // the answer says it took
    bool templated_path = false;  // made from records: one that leads nowhere is the record's fault
    std::vector<config::VerdictOverride> overrides = {};
    std::optional<config::Results> results = std::nullopt;
  };

  explicit VerdictRules(Options options) : options_(std::move(options)) {}

  Judgement judge(const http::Answer& answer, const Sent& sent, WallTime now) const;
  Judgement judge(const http::TransportError& error) const;
  // The same before any request: as if the answer's body held what `expect` and `results` ask for.
  Verdict verdict_of(const http::Answer& answer, WallTime now) const;

 private:
  Judgement judge_success(const http::Answer& answer, const Sent& sent) const;
  Verdict verdict_by_default(const http::Answer& answer, WallTime now) const;
  Verdict verdict_of_record(int status) const;

  Options options_;
};

}  // namespace sluice::deliver
