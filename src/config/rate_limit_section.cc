#include <algorithm>
#include <iterator>
#include <utility>

#include "config/key_readers.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

constexpr std::size_t kTiB = 1024 * 1024 * kMiB;
constexpr std::uint32_t kMostRequests = 1'000'000;
constexpr std::uint32_t kMostRecords = 1'000'000'000;

template <RateUnit kUnit, std::uint32_t kHigh>
void count(Reader& reader, const Value& value, RateLimit& out) {
  std::uint32_t number = 0;
  read_bounded(reader, value, 1U, kHigh, number);
  out.unit = kUnit;
  out.limit = number;
}

template <std::uint32_t kHigh>
Form count_form() {
  return whole_form(1, kHigh);
}

void read_bytes(Reader& reader, const Value& value, RateLimit& out) {
  std::size_t number = 0;
  read_bounded(reader, value, kKiB, kTiB, number);
  out.unit = RateUnit::bytes;
  out.limit = number;
}

Form bytes_form() { return size_form(kKiB, kTiB); }

void read_share(Reader& reader, const Value& value, RateLimit& out) {
  const auto raw = reader.text(value);
  if (!raw || *raw == "none") return;
  if (*raw == "group") {
    out.share_by_group = true;
    return;
  }
  const auto fraction = parse_decimal(*raw);
  if (!fraction || *fraction <= 0 || *fraction > 1) {
    reader.problem(value, in_quotes(*raw) + " is neither none, group nor a fraction of one",
                   "write group, or the part of this process, such as 0.5");
    return;
  }
  out.share = *fraction;
}

Form share_form() {
  Form form = words_form({"none", "group"});
  form.keywords =
      R"("type":["string","number"],"pattern":"^(none|group|1(\\.0+)?|0\\.[0-9]*[1-9][0-9]*)$",)"
      R"("patternErrorMessage":"none, group or a fraction of one such as 0.5",)"
      R"("exclusiveMinimum":0,"maximum":1)";
  form.fallback = json_quoted("none");
  return form;
}

// That it is the path of a pipeline is checked where those are known.
Result<std::string> parse_budget_path(std::string_view text) { return std::string(text); }

constexpr Key<RateLimit> kRateLimitKeys[] = {
    {"requests", {count<RateUnit::requests, kMostRequests>, count_form<kMostRequests>}},
    {"records", {count<RateUnit::records, kMostRecords>, count_form<kMostRecords>}},
    {"bytes", {read_bytes, bytes_form}},
    {"per", duration<&RateLimit::per, kSecond, kDay>, Need::required, "per: 1s"},
    {"safety", percent<&RateLimit::safety>},
    {"capacity", percent<&RateLimit::capacity>},
    {"share", {read_share, share_form}},
    {"path", text<&RateLimit::path, parse_budget_path, any_text>},
};

void check_unit(Reader& reader, const Value& value) {
  if (!value.is_map()) return;
  constexpr std::string_view kUnits[] = {"requests", "records", "bytes"};
  const auto units = std::count_if(std::begin(kUnits), std::end(kUnits),
                                   [&](std::string_view unit) { return value.child(unit); });
  if (units == 0) {
    reader.problem_of_key(value, "limits nothing",
                          "add requests, records or bytes, such as requests: 1000");
  } else if (units > 1) {
    reader.problem_of_key(value, "limits more than one of requests, records and bytes",
                          "write a limit of its own for each: all of them hold");
  }
}

enum class Headers : std::uint8_t { automatic, off };
constexpr Choice<Headers> kHeaders[] = {{"auto", Headers::automatic}, {"off", Headers::off}};

}  // namespace

Form rate_limits_form() {
  constexpr const char* kOneUnit =
      R"({"oneOf":[{"required":["requests"]},{"required":["records"]},{"required":["bytes"]}]})";
  return list_form(with_rules(map_form<kRateLimitKeys>(), kOneUnit));
}

Form rate_limit_headers_form() { return choice_form(kHeaders, Headers::automatic); }

void read_rate_limits(Reader& reader, const Value& value, Target& out) {
  for (const Value& item : reader.list(value, "[{requests: 1000, per: 1s}]")) {
    RateLimit limit;
    read_keys(reader, item, kRateLimitKeys, limit);
    check_unit(reader, item);
    out.rate_limit.push_back(std::move(limit));
  }
}

void read_rate_limit_headers(Reader& reader, const Value& value, Target& out) {
  // Tools that pass YAML through JSON turn the word off into false.
  const bool off = value.is_scalar() && value.node->text == "false";
  const auto chosen = off ? Headers::off : read_choice(reader, value, kHeaders);
  if (chosen) out.rate_limit_headers = *chosen == Headers::automatic;
}

}  // namespace sluice::config
