// What a pipeline makes of the API's answers.
#include <utility>

#include "config/key_readers.h"
#include "config/names.h"
#include "config/sections.h"

namespace sluice::config {
namespace {

// "200" or "200-299".
std::optional<StatusRange> read_status_range(Reader& reader, const Value& value, int lowest) {
  const auto raw = reader.text(value);
  if (!raw) return std::nullopt;
  const std::string_view text = *raw;
  const std::size_t dash = text.find('-');
  const auto first = parse_whole(text.substr(0, dash));
  const auto last = dash == text.npos ? first : parse_whole(text.substr(dash + 1));
  if (first && last && *first >= static_cast<std::uint64_t>(lowest) && *last <= 599 &&
      *first <= *last) {
    return StatusRange{static_cast<int>(*first), static_cast<int>(*last)};
  }
  const std::string low = std::to_string(lowest);
  reader.problem(value, in_quotes(text) + " is not a status or a range of them",
                 "use " + low + " to 599, such as 200 or 200-299");
  return std::nullopt;
}

std::vector<StatusRange> read_statuses(Reader& reader, const Value& value, int lowest) {
  std::vector<StatusRange> ranges;
  for (const Value& item : reader.one_or_list(value, "[200, 202]")) {
    if (const auto range = read_status_range(reader, item, lowest)) ranges.push_back(*range);
  }
  return ranges;
}

constexpr Choice<Verdict> kVerdicts[] = {
    {"delivered", Verdict::delivered},        {"retry", Verdict::retry},
    {"throttled", Verdict::throttled},        {"split", Verdict::split},
    {"rejected", Verdict::rejected},          {"unauthorized", Verdict::unauthorized},
    {"misconfigured", Verdict::misconfigured}};

template <class Match>
void read_equals(Reader& reader, const Value& value, Match& out) {
  for (const Value& item : reader.one_or_list(value, "[a, b]")) {
    if (auto text = reader.text(item)) out.value.equals.push_back(std::move(*text));
  }
}

template <class Match>
void read_contains(Reader& reader, const Value& value, Match& out) {
  out.value.contains = reader.text(value);
}

constexpr Key<HeaderMatch> kHeaderKeys[] = {
    {"name", text<&HeaderMatch::name, parse_answer_header_name>, Need::required, "name: x-error"},
    {"equals", read_equals<HeaderMatch>},
    {"contains", read_contains<HeaderMatch>},
};
constexpr Key<BodyMatch> kBodyKeys[] = {
    {"pointer", text<&BodyMatch::pointer, parse_json_pointer>},
    {"equals", read_equals<BodyMatch>},
    {"contains", read_contains<BodyMatch>},
};

// False where it has said what is wrong.
bool check_match(Reader& reader, const Value& value) {
  if (!value.child("equals") || !value.child("contains")) return true;
  reader.problem_of_key(value, "has equals and contains", "keep one of the two");
  return false;
}

void read_header_match(Reader& reader, const Value& value, VerdictOverride& out) {
  read_keys(reader, value, kHeaderKeys, out.header.emplace());
  check_match(reader, value);
}

void read_body_match(Reader& reader, const Value& value, VerdictOverride& out) {
  read_keys(reader, value, kBodyKeys, out.body.emplace());
  if (!value.is_map() || !check_match(reader, value) || value.child("pointer")) return;
  if (value.child("equals")) {
    reader.problem_of_key(value, "has equals, but no pointer",
                          "add pointer, such as pointer: /status, or use contains");
  } else if (!value.child("contains")) {
    reader.problem_of_key(value, "has neither pointer nor contains",
                          "write {pointer: /status, equals: error} or {contains: error}");
  }
}

void read_override_statuses(Reader& reader, const Value& value, VerdictOverride& out) {
  out.statuses = read_statuses(reader, value, 100);
}

constexpr Key<VerdictOverride> kOverrideKeys[] = {
    {"status", read_override_statuses},
    {"header", read_header_match},
    {"body", read_body_match},
    {"verdict", choice<&VerdictOverride::verdict, kVerdicts>, Need::required, "verdict: rejected"},
};

constexpr Key<Results> kResultsKeys[] = {
    {"pointer", text<&Results::pointer, parse_json_pointer>, Need::required, "pointer: /results"},
    {"index", text<&Results::index, parse_json_pointer>},
    {"id", text<&Results::id, parse_json_pointer>},
    {"record_id", text<&Results::record_id, parse_json_pointer>},
    {"status", text<&Results::status, parse_json_pointer>},
    {"retryable", text<&Results::retryable, parse_json_pointer>},
};

void check_results(Reader& reader, const Value& value) {
  const bool index = value.child("index").has_value();
  const bool id = value.child("id").has_value();
  const auto record_id = value.child("record_id");
  if (index && id) {
    reader.problem_of_key(value, "has index and id", "keep the one that names the record");
  } else if (record_id && !id) {
    reader.problem_of_key(*record_id, "is where the id stands in a record, but there is no id",
                          "add id, where it stands in an item of the list");
  } else if (value.is_map() && !index && !id && !value.child("status")) {
    // Without a name items stand for the records in their order, the delivered ones too.
    reader.problem_of_key(value, "does not tell which items are of records that failed",
                          "add index or id where only those are listed, else status");
  }
}

}  // namespace

void read_success(Reader& reader, const Value& value, Pipeline& out) {
  out.success = read_statuses(reader, value, 200);
}

void read_verdicts(Reader& reader, const Value& value, Pipeline& out) {
  for (const Value& item : reader.list(value, "[{status: 409, verdict: delivered}]")) {
    VerdictOverride override;
    read_keys(reader, item, kOverrideKeys, override);
    if (item.is_map() && !item.child("status") && !item.child("header") && !item.child("body")) {
      reader.problem_of_key(item, "has no condition, so that every answer would mean the same",
                            "add status, header or body");
    }
    out.verdicts.push_back(std::move(override));
  }
}

void read_results(Reader& reader, const Value& value, Pipeline& out) {
  Results& results = out.results.emplace();
  read_keys(reader, value, kResultsKeys, results);
  check_results(reader, value);
  if (results.id && results.record_id.empty()) results.record_id = *results.id;
}

}  // namespace sluice::config
