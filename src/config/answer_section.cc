// What a pipeline makes of the API's answers.
#include <utility>

#include "config/key_readers.h"
#include "config/names.h"
#include "config/number_pattern.h"
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

template <int kLowest>
Form statuses_form() {
  const std::string status = number_pattern(kLowest, 599);
  Form form = pattern_form("^" + status + "(-" + status + ")?$", "200 or 200-299");
  constexpr std::string_view kText = R"("type":"string")";
  form.keywords.replace(
      form.keywords.find(kText), kText.size(),
      R"("type":["string","integer"],"minimum":)" + std::to_string(kLowest) + R"(,"maximum":599)");
  form.bounds = std::to_string(kLowest) + " to 599";
  return one_or_list_form(std::move(form));
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

Form equals_form() { return one_or_list_form(any_text()); }

constexpr Key<HeaderMatch> kHeaderKeys[] = {
    {"name", text<&HeaderMatch::name, parse_answer_header_name, answer_header_text>, Need::required,
     "name: x-error"},
    {"equals", {read_equals<HeaderMatch>, equals_form}},
    {"contains", {read_contains<HeaderMatch>, any_text}},
};
constexpr Key<BodyMatch> kBodyKeys[] = {
    {"pointer", json_pointer<&BodyMatch::pointer>},
    {"equals", {read_equals<BodyMatch>, equals_form}},
    {"contains", {read_contains<BodyMatch>, any_text}},
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

Form header_match_form() {
  return with_rules(map_form<kHeaderKeys>(), not_both("equals", "contains"));
}

Form body_match_form() {
  return with_rules(map_form<kBodyKeys>(),
                    not_both("equals", "contains") + "," + needs("equals", "pointer") +
                        R"(,{"anyOf":[{"required":["pointer"]},{"required":["contains"]}]})");
}

constexpr Key<VerdictOverride> kOverrideKeys[] = {
    {"status", {read_override_statuses, statuses_form<100>}},
    {"header", {read_header_match, header_match_form}},
    {"body", {read_body_match, body_match_form}},
    {"verdict", choice<&VerdictOverride::verdict, kVerdicts>, Need::required, "verdict: rejected"},
};

constexpr Key<Results> kResultsKeys[] = {
    {"pointer", json_pointer<&Results::pointer>, Need::required, "pointer: /results"},
    {"index", json_pointer<&Results::index>},
    {"id", json_pointer<&Results::id>},
    {"record_id", json_pointer<&Results::record_id>},
    {"status", json_pointer<&Results::status>},
    {"retryable", json_pointer<&Results::retryable>},
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

Form success_form() {
  Form form = statuses_form<200>();
  form.fallback = json_quoted("200-299");
  return form;
}

Form verdicts_form() {
  constexpr const char* kCondition =
      R"({"anyOf":[{"required":["status"]},{"required":["header"]},{"required":["body"]}]})";
  return list_form(with_rules(map_form<kOverrideKeys>(), kCondition));
}

Form results_form() {
  constexpr const char* kName =
      R"({"anyOf":[{"required":["index"]},{"required":["id"]},{"required":["status"]}]})";
  return with_rules(map_form<kResultsKeys>(),
                    not_both("index", "id") + "," + needs("record_id", "id") + "," + kName);
}

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
  if (results.id && !value.child("record_id")) results.record_id = *results.id;
}

}  // namespace sluice::config
