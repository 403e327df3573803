// The one place where an attempt's result gets its meaning (design: Verdicts).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "config/config.h"
#include "http/client.h"

namespace sluice::deliver {

struct Judgement {
  Verdict verdict = Verdict::retry;
  std::optional<Duration> retry_after;  // only where throttled
  std::string detail;                   // in plain words, for logs and /status; no payload
  std::string_view remedy = {};         // what a person can do about it; empty: nothing

  std::string words() const {
    return remedy.empty() ? detail : detail + "; " + std::string(remedy);
  }
};

// Immutable; safe from any thread.
class VerdictRules {
 public:
  // `expect`: JSON Pointer to the number of records the answer says it took. `templated_path`: the
  // path is made from records, so that one which leads nowhere is the record's fault.
  VerdictRules(std::vector<config::StatusRange> success, std::optional<std::string> expect,
               bool templated_path = false)
      : success_(std::move(success)), expect_(std::move(expect)), templated_path_(templated_path) {}

  Judgement judge(const http::Answer& answer, std::size_t records_sent, WallTime now) const;
  Judgement judge(const http::TransportError& error) const;

 private:
  bool is_success(int status) const;
  Judgement judge_success(const http::Answer& answer, std::size_t records_sent) const;

  std::vector<config::StatusRange> success_;
  std::optional<std::string> expect_;
  bool templated_path_;
};

}  // namespace sluice::deliver
