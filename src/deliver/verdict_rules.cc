#include "deliver/verdict_rules.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "codec/json_pointer.h"
#include "deliver/clock_difference.h"
#include "deliver/record_results.h"
#include "deliver/retry_after.h"
#include "deliver/verdict_overrides.h"

namespace sluice::deliver {
namespace {

// 400 is what some gateways say instead of 413; then the text says so. Whole phrases, since a field
// of a record may be "too long", too.
bool names_size(const std::string& body) {
  static constexpr std::array<std::string_view, 9> kPhrases = {
      "body too large",       "body is too large",    "payload too large",
      "payload is too large", "entity too large",     "request too large",
      "request is too large", "request size exceeds", "maximum request size"};
  std::string lower(body.substr(0, 4096));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](auto phrase) { return lower.find(phrase) != std::string::npos; });
}

std::string status_text(int status) { return "status " + std::to_string(status); }

std::optional<Duration> retry_after_of(const http::Answer& answer, WallTime now) {
  const std::string* header = answer.header("retry-after");
  return header != nullptr ? parse_retry_after(*header, now) : std::nullopt;
}

std::string_view remedy_for(Verdict verdict, int status) {
  switch (verdict) {
    case Verdict::unauthorized:
      return "check the target's auth, and that the API knows it";
    case Verdict::misconfigured:
      if (status < 300) return "add the status to success if it means that the API has the records";
      if (status < 400) return "write into base_url and path where it leads";
      if (status == 415) return "check body, compression and the Content-Type among headers";
      return "check base_url, path and method";
    case Verdict::retry:
      return "see to the API";
    case Verdict::delivered:
    case Verdict::throttled:
    case Verdict::split:
    case Verdict::rejected:
      return {};
  }
  return {};
}

std::string_view remedy_for(const http::TransportError& error) {
  switch (error.kind) {
    case http::TransportErrorKind::resolve:
      return "check the host in base_url, and DNS";
    case http::TransportErrorKind::connect:
      return "see whether the API runs, and check base_url and proxy";
    case http::TransportErrorKind::tls:
      return error.detail.find("expired") == std::string::npos
                 ? "check base_url and the target's tls"
                 : "have the certificate renewed";
    case http::TransportErrorKind::timeout:
      return "see to the API and the network, or raise timeout";
    case http::TransportErrorKind::too_large:
      return "raise max_response";
    case http::TransportErrorKind::reset:
    case http::TransportErrorKind::protocol:
    case http::TransportErrorKind::other:
      return "see to the API, and to what stands in front of it";
  }
  return {};
}

}  // namespace

Judgement VerdictRules::judge(const http::Answer& answer, const Sent& sent, WallTime now) const {
  Judgement judgement;
  const auto own = matching_override(options_.overrides, answer);
  if (own) {
    judgement.verdict = options_.overrides[*own].verdict;
    judgement.detail =
        status_text(answer.status) + ", which verdicts[" + std::to_string(*own) + "] maps";
    judgement.remedy = remedy_for(judgement.verdict, answer.status);
  } else if (is_in(options_.success, answer.status)) {
    judgement = judge_success(answer, sent);
  } else {
    judgement.verdict = verdict_by_default(answer, now);
    judgement.detail = status_text(answer.status);
    judgement.remedy = remedy_for(judgement.verdict, answer.status);
  }
  if (judgement.verdict == Verdict::unauthorized) {
    if (const auto clocks = clock_difference(answer, now)) judgement.detail += ", and " + *clocks;
  }
  if (judgement.verdict == Verdict::throttled) judgement.retry_after = retry_after_of(answer, now);
  if (judgement.verdict == Verdict::rejected && options_.results) {
    judgement.named = named_record(*options_.results, answer.body, sent,
                                   [this](int status) { return verdict_of_record(status); });
  }
  return judgement;
}

Judgement VerdictRules::judge_success(const http::Answer& answer, const Sent& sent) const {
  const std::string status = status_text(answer.status);
  const auto misconfigured = [&](std::string detail, std::string_view remedy) {
    Judgement judgement;
    judgement.verdict = Verdict::misconfigured;
    judgement.detail = status + ", but " + std::move(detail);
    judgement.remedy = remedy;
    return judgement;
  };
  if (answer.status == 207 && !options_.results) {
    return misconfigured("nothing says how to read it",
                         "say in results where the outcome of each record stands, or map 207 to "
                         "delivered in verdicts");
  }
  Judgement judgement;
  judgement.verdict = Verdict::delivered;
  judgement.detail = status;
  if (options_.results) {
    auto failed = read_results(*options_.results, answer.body, sent,
                               [this](int of_record) { return verdict_of_record(of_record); });
    if (!failed) {
      return misconfigured(failed.error().cause, "see what the API answers, and check results");
    }
    judgement.records = std::move(*failed);
  }
  if (!options_.expect) return judgement;
  // With results, an API may count what it took or what it was sent.
  const auto count = codec::integer_at(answer.body, *options_.expect);
  const auto all = static_cast<std::int64_t>(sent.records.size());
  const auto taken = all - static_cast<std::int64_t>(judgement.records.size());
  if (count && (*count == all || *count == taken)) return judgement;
  const std::string found = count ? std::to_string(*count) : "no number";
  return misconfigured(codec::shown_pointer(*options_.expect) + " is " + found + " for " +
                           std::to_string(all) + " records sent",
                       "see what the API does with a batch, and check expect");
}

// As if it were the status of an answer without headers and body; but where the request was taken,
// nothing is wrong with its credentials or path.
Verdict VerdictRules::verdict_of_record(int status) const {
  http::Answer answer;
  answer.status = status;
  const Verdict verdict = verdict_of(answer, WallTime{});
  switch (verdict) {
    case Verdict::delivered:
    case Verdict::retry:
    case Verdict::split:
      return verdict;
    case Verdict::throttled:
      return Verdict::retry;
    case Verdict::rejected:
    case Verdict::unauthorized:
    case Verdict::misconfigured:
      return Verdict::rejected;
  }
  return Verdict::rejected;
}

Verdict VerdictRules::verdict_of(const http::Answer& answer, WallTime now) const {
  const auto own = matching_override(options_.overrides, answer);
  if (own) return options_.overrides[*own].verdict;
  if (!is_in(options_.success, answer.status)) return verdict_by_default(answer, now);
  const bool unreadable = answer.status == 207 && !options_.results;
  return unreadable ? Verdict::misconfigured : Verdict::delivered;
}

Verdict VerdictRules::verdict_by_default(const http::Answer& answer, WallTime now) const {
  const int status = answer.status;
  if (status == 429 || (status == 503 && retry_after_of(answer, now))) return Verdict::throttled;
  if (status == 413 || (status == 400 && names_size(answer.body))) return Verdict::split;
  if (status == 401 || status == 403) return Verdict::unauthorized;
  // What the two name, the method and the form of the body, is ours and no record's.
  if (status == 405 || status == 415) return Verdict::misconfigured;
  if (status == 404 || status == 410) {
    return options_.templated_path ? Verdict::rejected : Verdict::misconfigured;
  }
  if (status == 408 || status == 425) return Verdict::retry;
  if (status >= 400 && status <= 499) return Verdict::rejected;
  // A 2xx outside `success` delivered something we were told not to trust; a redirect leads out of
  // what was configured.
  if (status >= 200 && status <= 399) return Verdict::misconfigured;
  return Verdict::retry;
}

Judgement VerdictRules::judge(const http::TransportError& error) const {
  Judgement judgement;
  judgement.verdict = Verdict::retry;
  judgement.detail = std::string(http::to_string(error.kind)) + ": " + error.detail;
  judgement.remedy = remedy_for(error);
  return judgement;
}

}  // namespace sluice::deliver
