// What an answer means: whatever its status, headers and body, nothing counts as delivered that the
// pipeline's rules do not say is.
#include <algorithm>
#include <string>

#include "deliver/verdict_overrides.h"
#include "deliver/verdict_rules.h"
#include "fuzz/fuzz_input.h"
#include "unit/deliver/sent_records.h"

namespace {

using namespace sluice;
using deliver::VerdictRules;
using fuzz::require;

config::VerdictOverride mapped(std::vector<config::StatusRange> statuses, Verdict verdict) {
  config::VerdictOverride rule;
  rule.statuses = std::move(statuses);
  rule.verdict = verdict;
  return rule;
}

// One of each kind of condition.
std::vector<config::VerdictOverride> all_overrides() {
  auto by_header = mapped({}, Verdict::throttled);
  by_header.header = {"x-busy", {{"yes", "1"}, {}}};
  auto by_text = mapped({{400, 499}}, Verdict::delivered);
  by_text.body = {std::nullopt, {{}, "duplicate"}};
  auto by_pointer = mapped({{200, 299}}, Verdict::rejected);
  by_pointer.body = {"/status", {{"0", "false"}, {}}};
  auto by_all = mapped({{500, 599}}, Verdict::split);
  by_all.header = {"x-size", {}};
  by_all.body = {"/error/text", {{}, "large"}};
  return {by_header, by_text, by_pointer, by_all, mapped({{418, 418}}, Verdict::misconfigured)};
}

VerdictRules::Options options_of(std::size_t kind) {
  VerdictRules::Options options;
  if ((kind & 1U) != 0) options.expect = "/count";
  if ((kind & 2U) != 0) options.overrides = all_overrides();
  if ((kind & 4U) != 0)
    options.results = config::Results{"/errors", "/index", {}, {}, "/status", {}};
  if ((kind & 8U) != 0) options.success = {{200, 200}, {202, 204}};
  options.templated_path = (kind & 16U) != 0;
  return options;
}

http::Answer read_answer(fuzz::Input& input) {
  http::Answer answer;
  answer.status = static_cast<int>(input.choice(1000));
  for (std::string line = input.text(); !line.empty(); line = input.text()) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    answer.headers.push_back(
        {line.substr(0, colon), line.substr(std::min(colon + 2, line.size()))});
  }
  answer.body = std::string(input.rest());
  return answer;
}

// The conditions that need no JSON, said once more.
void check_overrides(const std::vector<config::VerdictOverride>& overrides,
                     const http::Answer& answer, const deliver::Judgement& judgement) {
  const auto own = deliver::matching_override(overrides, answer);
  if (own) require(judgement.verdict == overrides[*own].verdict, "an override is final");
  const bool is_busy =
      std::any_of(answer.headers.begin(), answer.headers.end(), [](const http::Header& header) {
        return header.name == "x-busy" && (header.value == "yes" || header.value == "1");
      });
  require((own == 0U) == is_busy, "the first override that fits decides");
  if (is_busy) return;
  const bool duplicate =
      answer.status >= 400 && answer.status <= 499 &&
      answer.body.substr(0, deliver::kSearchedBody).find("duplicate") != std::string::npos;
  require((own == 1U) == duplicate, "a text in the body is found", answer.body);
  if (own == 3U) {
    require(answer.header("x-size") != nullptr && answer.body.find("large") != std::string::npos,
            "all of its conditions hold", answer.body);
  }
}

void check_delivered(const VerdictRules::Options& options, const http::Answer& answer,
                     const deliver::Judgement& judgement) {
  const auto own = deliver::matching_override(options.overrides, answer);
  if (own || judgement.verdict != Verdict::delivered) return;
  require(deliver::is_in(options.success, answer.status), "only a success status is delivered");
  require(answer.status != 207 || options.results, "a 207 that nobody reads is not");
  if (options.expect) {
    require(
        answer.body.find("count") != answer.body.npos || answer.body.find('\\') != answer.body.npos,
        "nor is one without the count", answer.body);
  }
  if (options.results) {
    require(answer.body.find('[') != answer.body.npos, "nor is one without results", answer.body);
  }
}

void check_records(const deliver::Judgement& judgement, const deliver::Sent& sent) {
  require(judgement.records.empty() || judgement.verdict == Verdict::delivered,
          "single records are named only where the others are delivered");
  std::size_t least = sent.records.first;
  for (const auto& result : judgement.records) {
    require(result.record >= least && result.record < sent.records.last,
            "records that were sent, each once, in their order");
    require(result.verdict == Verdict::retry || result.verdict == Verdict::split ||
                result.verdict == Verdict::rejected,
            "a record is sent again, alone, or set aside", to_string(result.verdict));
    least = result.record + 1;
  }
  if (!judgement.named) return;
  require(judgement.verdict == Verdict::rejected && *judgement.named >= sent.records.first &&
              *judgement.named < sent.records.last,
          "the one that is named was refused and sent");
}

}  // namespace

// Which rules, the status, header lines, an empty line, the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const deliver::SentRecords records(6);
  static const deliver::Sent sent = records.part(1, 5);
  const WallTime now{std::chrono::seconds(1'795'629'600)};
  fuzz::Input input(data, size);
  const auto options = options_of(input.choice(32));
  const http::Answer answer = read_answer(input);
  const auto judgement = VerdictRules(options).judge(answer, sent, now);
  if (!options.overrides.empty()) check_overrides(options.overrides, answer, judgement);
  check_delivered(options, answer, judgement);
  check_records(judgement, sent);
  require(fuzz::is_one_line(judgement.words()) && judgement.words().size() < 300,
          "its words are one short line", judgement.words());
  if (judgement.retry_after) {
    require(judgement.verdict == Verdict::throttled && *judgement.retry_after >= Duration::zero() &&
                *judgement.retry_after <= std::chrono::hours(1),
            "only who is throttled waits, at most an hour");
  }
  return 0;
}
