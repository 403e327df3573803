#include "deliver/verdict_rules.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "codec/json_pointer.h"
#include "deliver/retry_after.h"

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

bool VerdictRules::is_success(int status) const {
  return std::any_of(success_.begin(), success_.end(), [&](const auto& range) {
    return status >= range.first && status <= range.last;
  });
}

Judgement VerdictRules::judge_success(const http::Answer& answer, std::size_t records_sent) const {
  if (!expect_) return {Verdict::delivered, std::nullopt, status_text(answer.status)};
  const auto count = codec::integer_at(answer.body, *expect_);
  if (count && *count == static_cast<std::int64_t>(records_sent)) {
    return {Verdict::delivered, std::nullopt, status_text(answer.status)};
  }
  const std::string found = count ? std::to_string(*count) : "no number";
  return {Verdict::misconfigured, std::nullopt,
          status_text(answer.status) + ", but " + *expect_ + " is " + found + " for " +
              std::to_string(records_sent) + " records sent",
          "see what the API does with a batch, and check expect"};
}

Judgement VerdictRules::judge(const http::Answer& answer, std::size_t records_sent,
                              WallTime now) const {
  const int status = answer.status;
  if (is_success(status)) return judge_success(answer, records_sent);
  const std::string* header = answer.header("retry-after");
  const auto retry_after = header ? parse_retry_after(*header, now) : std::nullopt;
  const auto of = [&](Verdict verdict) {
    return Judgement{verdict, std::nullopt, status_text(status), remedy_for(verdict, status)};
  };
  if (status == 429 || (status == 503 && retry_after)) {
    return {Verdict::throttled, retry_after, status_text(status)};
  }
  if (status == 413 || (status == 400 && names_size(answer.body))) return of(Verdict::split);
  if (status == 401 || status == 403) return of(Verdict::unauthorized);
  // What the two name, the method and the form of the body, is ours and no record's.
  if (status == 405 || status == 415) return of(Verdict::misconfigured);
  if (status == 404 || status == 410) {
    return of(templated_path_ ? Verdict::rejected : Verdict::misconfigured);
  }
  if (status == 408 || status == 425) return of(Verdict::retry);
  if (status >= 400 && status <= 499) return of(Verdict::rejected);
  // A 2xx outside `success` delivered something we were told not to trust; a redirect leads out of
  // what was configured.
  if (status >= 200 && status <= 399) return of(Verdict::misconfigured);
  return of(Verdict::retry);
}

Judgement VerdictRules::judge(const http::TransportError& error) const {
  return {Verdict::retry, std::nullopt,
          std::string(http::to_string(error.kind)) + ": " + error.detail, remedy_for(error)};
}

}  // namespace sluice::deliver
