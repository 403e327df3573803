#include "deliver/trace_context.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace sluice::deliver {
namespace {

constexpr std::string_view kTraceparent = "traceparent";
constexpr std::string_view kTracestate = "tracestate";
constexpr std::size_t kLongestState = 512;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != text.npos;
}

}  // namespace

// 00-<32 digits: trace>-<16 digits: parent>-<2 digits: flags>
bool is_traceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') {
    return false;
  }
  return is_id(text.substr(3, 32)) && is_id(text.substr(36, 16)) && is_hex(text.substr(53));
}

bool is_tracestate(std::string_view text) {
  if (text.empty() || text.size() > kLongestState) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::optional<TraceContext> trace_of(const batch::Batch& batch, batch::Range part) {
  if (!batch.has_headers()) return std::nullopt;
  for (std::size_t i = part.first; i < part.last; ++i) {
    const auto parent = batch.last_header(i, kTraceparent);
    if (!parent || !is_traceparent(*parent)) continue;
    const auto state = batch.last_header(i, kTracestate);
    return TraceContext{*parent, state && is_tracestate(*state) ? *state : std::string_view()};
  }
  return std::nullopt;
}

bool names_header(const std::vector<std::string>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [name](const std::string& header) {
    return std::equal(header.begin(), header.end(), name.begin(), name.end(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == b;
    });
  });
}

TraceHeaders::TraceHeaders(const std::vector<std::string>& configured)
    : parent_(!names_header(configured, kTraceparent)),
      state_(!names_header(configured, kTracestate)) {}

void TraceHeaders::add(const batch::Batch& batch, batch::Range part,
                       std::vector<http::Header>& headers) const {
  if (!parent_) return;
  const auto trace = trace_of(batch, part);
  if (!trace) return;
  headers.push_back({std::string(kTraceparent), std::string(trace->parent)});
  if (!state_ || trace->state.empty()) return;
  headers.push_back({std::string(kTracestate), std::string(trace->state)});
}

}  // namespace sluice::deliver
