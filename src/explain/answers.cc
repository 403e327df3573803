#include "explain/answers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "codec/json_pointer.h"
#include "config/values.h"
#include "deliver/verdict_rules.h"
#include "explain/follows.h"
#include "pipeline/options_of.h"

namespace sluice::explain {
namespace {

// The statuses that HTTP has (RFC 9110, 15).
constexpr int kFirstStatus = 100;
constexpr int kLastStatus = 599;

using ByVerdict = std::map<Verdict, std::vector<std::string>>;

http::Answer answer_with(int status) {
  http::Answer answer;
  answer.status = status;
  return answer;
}

std::string range_text(const config::StatusRange& range) {
  const std::string first = std::to_string(range.first);
  return range.first == range.last ? first : first + "-" + std::to_string(range.last);
}

void add_statuses(const deliver::VerdictRules& rules, WallTime now, ByVerdict& out) {
  config::StatusRange range{kFirstStatus, kFirstStatus};
  Verdict before = rules.verdict_of(answer_with(kFirstStatus), now);
  for (int status = kFirstStatus + 1; status <= kLastStatus; ++status) {
    const Verdict verdict = rules.verdict_of(answer_with(status), now);
    if (verdict != before) {
      out[before].push_back(range_text(range));
      range.first = status;
      before = verdict;
    }
    range.last = status;
  }
  out[before].push_back(range_text(range));
}

// Answers that mean something else than their status alone does.
void add_special(const deliver::VerdictRules& rules, WallTime now, ByVerdict& out) {
  const auto add = [&](const http::Answer& answer, const std::string& words) {
    const Verdict verdict = rules.verdict_of(answer, now);
    if (verdict == rules.verdict_of(answer_with(answer.status), now)) return;
    out[verdict].push_back(std::to_string(answer.status) + words);
  };
  http::Answer unavailable = answer_with(503);
  unavailable.headers.push_back({"retry-after", "1"});
  add(unavailable, " with Retry-After");
  http::Answer too_large = answer_with(400);
  too_large.body = "request too large";
  add(too_large, " whose text says that the request is too large");
  const http::TransportError none{http::TransportErrorKind::timeout, ""};
  out[rules.judge(none).verdict].emplace_back("no answer");
}

// What a success has to hold besides, and what it means where it does not.
void add_promises(const config::Pipeline& pipeline, ByVerdict& out) {
  auto& delivered = out[Verdict::delivered];
  auto& misconfigured = out[Verdict::misconfigured];
  if (delivered.empty()) return;
  if (pipeline.expect) {
    delivered.push_back("where " + codec::shown_pointer(*pipeline.expect) +
                        " is the number of records");
    misconfigured.push_back("a success where " + codec::shown_pointer(*pipeline.expect) +
                            " is not");
  }
  if (pipeline.results) {
    delivered.push_back("but for the records that failed by " +
                        codec::shown_pointer(pipeline.results->pointer));
    misconfigured.emplace_back("a success without what results ask for");
  }
}

std::string match_text(const config::TextMatch& match) {
  if (match.contains) return "contains " + config::in_quotes(*match.contains);
  if (match.equals.empty()) return "is there";
  std::string words = "is ";
  for (std::size_t i = 0; i < match.equals.size(); ++i) {
    words += (i == 0 ? "" : " or ") + config::in_quotes(match.equals[i]);
  }
  return words;
}

std::string rule_text(const config::VerdictOverride& rule) {
  std::string words;
  for (const auto& range : rule.statuses) words += (words.empty() ? "" : ", ") + range_text(range);
  if (words.empty()) words = "any status";
  const char* joint = " where ";
  const auto add = [&](const std::string& what, const config::TextMatch& match) {
    words += joint + what + " " + match_text(match);
    joint = " and ";
  };
  if (rule.header) add("header " + rule.header->name, rule.header->value);
  if (rule.body) {
    const auto& pointer = rule.body->pointer;
    add(pointer ? codec::shown_pointer(*pointer) : "the body", rule.body->value);
  }
  return words;
}

}  // namespace

Answers answers_of(const config::Pipeline& pipeline, const config::Target& target, WallTime now) {
  const deliver::VerdictRules rules = pipeline::verdict_rules_of(pipeline);
  ByVerdict by_verdict;
  add_statuses(rules, now, by_verdict);
  add_special(rules, now, by_verdict);
  add_promises(pipeline, by_verdict);
  Answers answers;
  for (const auto& rule : pipeline.verdicts) {
    if (rule.header || rule.body) answers.own_rules.push_back({rule_text(rule), rule.verdict});
  }
  for (const Verdict verdict : kAllVerdicts) {
    auto& said = by_verdict[verdict];
    const bool by_own_rule =
        std::any_of(answers.own_rules.begin(), answers.own_rules.end(),
                    [&](const OwnRule& rule) { return rule.verdict == verdict; });
    if (said.empty() && !by_own_rule) continue;
    if (said.empty()) said.emplace_back("a rule above");
    answers.rows.push_back({verdict, std::move(said), what_follows(verdict, pipeline, target)});
  }
  return answers;
}

}  // namespace sluice::explain
