#include "deliver/verdict_overrides.h"

#include <algorithm>
#include <string_view>

#include "codec/json_grammar.h"
#include "codec/json_pointer.h"

namespace sluice::deliver {
namespace {

bool fits(const config::TextMatch& match, std::string_view text) {
  if (match.contains) return text.find(*match.contains) != text.npos;
  if (match.equals.empty()) return true;
  return std::find(match.equals.begin(), match.equals.end(), text) != match.equals.end();
}

bool fits(const config::HeaderMatch& match, const http::Answer& answer) {
  return std::any_of(answer.headers.begin(), answer.headers.end(), [&](const auto& header) {
    return header.name == match.name && fits(match.value, header.value);
  });
}

bool fits(const config::BodyMatch& match, const http::Answer& answer) {
  if (!match.pointer) {
    return fits(match.value, std::string_view(answer.body).substr(0, kSearchedBody));
  }
  if (codec::check_grammar(answer.body)) return false;
  const auto text = codec::texts_at(answer.body, {*match.pointer}).front();
  return text && fits(match.value, *text);
}

bool fits(const config::VerdictOverride& rule, const http::Answer& answer) {
  return (rule.statuses.empty() || is_in(rule.statuses, answer.status)) &&
         (!rule.header || fits(*rule.header, answer)) && (!rule.body || fits(*rule.body, answer));
}

}  // namespace

bool is_in(const std::vector<config::StatusRange>& ranges, int status) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return status >= range.first && status <= range.last;
  });
}

std::optional<std::size_t> matching_override(const std::vector<config::VerdictOverride>& overrides,
                                             const http::Answer& answer) {
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    if (fits(overrides[i], answer)) return i;
  }
  return std::nullopt;
}

}  // namespace sluice::deliver
