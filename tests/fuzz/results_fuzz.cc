// Results of single records: an answer that does not clearly say what became of every record that
// was sent is an error; one that does says so of the right ones.
#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "codec/json_grammar.h"
#include "codec/json_pointer.h"
#include "deliver/record_results.h"
#include "fuzz/fuzz_input.h"
#include "unit/deliver/sent_records.h"

namespace {

using namespace sluice;
using fuzz::require;

constexpr std::size_t kFirst = 1;
constexpr std::size_t kLast = 6;

// Two records of one id, one whose id is a number, one without.
const deliver::SentRecords& records() {
  static const deliver::SentRecords made(
      {R"({"id":"z"})", R"({"id":"a"})", R"({"id":"b"})", R"({"id":"a"})", R"({"id":7})", "{}"});
  return made;
}

config::Results shape(std::size_t kind) {
  config::Results results;
  results.pointer = (kind & 4U) != 0 ? "/data/failed" : "/r";
  if (kind % 4 == 1) results.index = "/i";
  if (kind % 4 == 2) results.id = results.record_id = "/id";
  if (kind % 4 == 0 || (kind & 8U) != 0) results.status = "/s";
  if ((kind & 16U) != 0) results.retryable = "/again";
  return results;
}

Verdict verdict_of(int status) {
  if (status < 300) return Verdict::delivered;
  if (status == 413) return Verdict::split;
  return status == 429 || status >= 500 ? Verdict::retry : Verdict::rejected;
}

using Said = std::map<std::size_t, std::string>;  // statuses by record; "" where there is none

// What an answer by index says, where that is beyond doubt: each record at most once.
std::optional<Said> said_by_index(const config::Results& results, const std::string& body) {
  const auto rows = codec::items_at(body, results.pointer, {*results.index, "/s"});
  if (!rows) return std::nullopt;
  Said said;
  for (const auto& row : *rows) {
    const bool is_place = row[0] && row[0]->size() == 1 && *row[0] >= "0" && *row[0] <= "4";
    if (!is_place) return std::nullopt;
    const auto record = kFirst + static_cast<std::size_t>(row[0]->front() - '0');
    if (!said.emplace(record, results.status ? row[1].value_or("") : "").second) {
      return std::nullopt;
    }
  }
  return said;
}

void check_failed(const std::vector<deliver::RecordResult>& failed) {
  std::size_t least = kFirst;
  for (const auto& result : failed) {
    require(result.record >= least && result.record < kLast,
            "records that were sent, each once, in their order");
    require(result.verdict != Verdict::delivered, "delivered ones are not listed");
    require(fuzz::is_one_line(result.detail), "a detail is one line", result.detail);
    least = result.record + 1;
  }
}

void check_against(const Said& said, const config::Results& results,
                   const std::vector<deliver::RecordResult>& failed, std::string_view body) {
  for (const auto& result : failed) {
    require(said.contains(result.record), "a record fails only where the answer names it", body);
  }
  for (const auto& [record, status] : said) {
    const auto found = std::find_if(failed.begin(), failed.end(),
                                    [&](const auto& result) { return result.record == record; });
    const bool taken = !status.empty() && verdict_of(std::stoi(status)) == Verdict::delivered;
    require((found == failed.end()) == taken,
            "a record that is named failed unless its status says so", body);
    if (taken || results.retryable) continue;
    const Verdict expected = status.empty() ? Verdict::rejected : verdict_of(std::stoi(status));
    require(found->verdict == expected, "its status decides", body);
  }
}

}  // namespace

// The shape of the results; then the body of the answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const deliver::Sent sent = records().part(kFirst, kLast);
  fuzz::Input input(data, size);
  const auto results = shape(input.choice(32));
  const std::string body(input.rest());
  const auto failed = deliver::read_results(results, body, sent, verdict_of);
  const auto named = deliver::named_record(results, body, sent, verdict_of);
  if (named) require(*named >= kFirst && *named < kLast, "the one that is named was sent");
  if (!failed) {
    require(!failed.error().cause.empty() && fuzz::is_one_line(failed.error().cause),
            "an error says in one line what is wrong", failed.error().cause);
    return 0;
  }
  require(!codec::check_grammar(body), "half an answer says nothing", body);
  check_failed(*failed);
  require(named == (failed->empty() ? std::nullopt : std::optional(failed->front().record)),
          "a refusal names the first one that failed", body);
  if (!results.index) return 0;
  if (const auto said = said_by_index(results, body)) check_against(*said, results, *failed, body);
  return 0;
}
