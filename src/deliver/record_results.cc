#include "deliver/record_results.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "codec/json_pointer.h"
#include "deliver/result_places.h"

namespace sluice::deliver {
namespace {

using Text = std::optional<std::string>;

bool has_names(const config::Results& results) { return results.index || results.id; }

Result<std::vector<ResultItem>> items_of(const config::Results& results, const std::string& body,
                                         const Sent& sent) {
  std::vector<std::string> pointers;
  const auto column = [&](const Text& pointer) {
    if (pointer) pointers.push_back(*pointer);
    return pointer ? std::optional(pointers.size() - 1) : std::nullopt;
  };
  const auto name = column(results.index ? results.index : results.id);
  const auto status = column(results.status);
  const auto retryable = column(results.retryable);
  const auto rows = codec::items_at(body, results.pointer, pointers);
  if (!rows) return fail("there is no list at " + codec::shown_pointer(results.pointer));
  if (!has_names(results) && rows->size() != sent.records.size()) {
    return fail(std::to_string(rows->size()) + " results at " +
                codec::shown_pointer(results.pointer) + " for " +
                std::to_string(sent.records.size()) + " records sent");
  }
  std::vector<ResultItem> items;
  for (const auto& row : *rows) {
    const auto at = [&](const auto& place) { return place ? row[*place] : Text(); };
    items.push_back({at(name), at(status), at(retryable)});
  }
  return items;
}

// One that HTTP knows.
std::optional<int> status_of(const std::string& text) {
  int status = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, status);
  const bool known = error == std::errc() && stop == end && status >= 100 && status <= 599;
  return known ? std::optional(status) : std::nullopt;
}

// What an item says of its record, whose number is not filled in; the error: it is not clear.
Result<RecordResult> judge_item(const ResultItem& item, bool named,
                                const VerdictOfStatus& verdict_of) {
  RecordResult result;
  result.detail = "the answer says that this record failed";
  if (item.status) {
    result.status = status_of(*item.status);
    if (!result.status) return fail("has a status that is not one of HTTP");
    result.verdict = verdict_of(*result.status);
    result.detail = "status " + std::to_string(*result.status) + " for this record";
  } else if (!named) {
    return fail("has no status");
  }
  if (result.verdict == Verdict::delivered || !item.retryable) return result;
  if (*item.retryable == "true") {
    result.verdict = Verdict::retry;
  } else if (result.verdict == Verdict::retry) {
    result.verdict = Verdict::rejected;
  }
  return result;
}

}  // namespace

Result<std::vector<RecordResult>> read_results(const config::Results& results,
                                               const std::string& body, const Sent& sent,
                                               const VerdictOfStatus& verdict_of) {
  const auto items = items_of(results, body, sent);
  if (!items) return tl::unexpected(items.error());
  const auto places = places_of(results, *items, sent);
  std::map<std::size_t, RecordResult> by_record;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string item = "result " + std::to_string(i);
    if (places[i].empty()) return fail(item + " names no record that was sent");
    auto judged = judge_item((*items)[i], has_names(results), verdict_of);
    if (!judged) return fail(item + " " + judged.error().cause);
    for (const std::size_t record : places[i]) {
      judged->record = record;
      const auto [at, added] = by_record.try_emplace(record, *judged);
      if (!added && at->second.verdict != judged->verdict) {
        return fail("two results of one record contradict each other");
      }
    }
  }
  std::vector<RecordResult> failed;
  for (auto& [record, result] : by_record) {
    if (result.verdict != Verdict::delivered) failed.push_back(std::move(result));
  }
  return failed;
}

std::optional<std::size_t> named_record(const config::Results& results, const std::string& body,
                                        const Sent& sent, const VerdictOfStatus& verdict_of) {
  const auto items = items_of(results, body, sent);
  if (!items) return std::nullopt;
  const auto places = places_of(results, *items, sent);
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const auto judged = judge_item((*items)[i], has_names(results), verdict_of);
    if (!judged || judged->verdict == Verdict::delivered) continue;
    for (const std::size_t record : places[i]) first = std::min(first.value_or(record), record);
  }
  return first;
}

}  // namespace sluice::deliver
