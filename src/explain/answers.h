// What each answer of the API would lead to.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "config/config.h"

namespace sluice::explain {

// A rule of the pipeline's `verdicts`, in words.
struct OwnRule {
  std::string answer;  // "status 200 whose body has 0 at /status"
  Verdict verdict = Verdict::retry;
};

struct VerdictRow {
  Verdict verdict = Verdict::retry;
  std::vector<std::string> answers;  // "200-299", "503 with Retry-After"; never empty
  std::string follows;               // in plain words
};

struct Answers {
  std::vector<OwnRule> own_rules;  // those that ask for more than a status; they come first
  std::vector<VerdictRow> rows;    // in the order of kAllVerdicts
};

// As the pipeline's own VerdictRules judge them. `now` is the time of the answers.
Answers answers_of(const config::Pipeline& pipeline, const config::Target& target, WallTime now);

}  // namespace sluice::explain
