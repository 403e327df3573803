// Dead letters: what the envelope says is read back, whatever an API answered; any headers are a
// letter, a receipt or nothing.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "codec/envelope.h"
#include "fuzz/fuzz_input.h"
#include "replay/letter.h"
#include "replay/receipt.h"
#include "replay/whole_letter.h"

namespace {

using namespace sluice;
using fuzz::require;

// A record that owns what a view of it borrows.
struct Stored {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::string value;
  std::vector<OwnedHeader> headers;

  RecordView view(std::vector<RecordHeader>& borrowed) const {
    for (const OwnedHeader& header : headers) borrowed.push_back({header.name, header.value});
    return {offset, timestamp_ms, std::nullopt, value, borrowed};
  }
};

bool same(const OwnedHeader& a, const OwnedHeader& b) {
  return a.name == b.name && a.value == b.value;
}

std::string_view value_of(const std::vector<OwnedHeader>& headers, std::string_view name) {
  for (const OwnedHeader& header : headers) {
    if (header.name == name && header.value) return *header.value;
  }
  return {};
}

std::vector<OwnedHeader> read_headers(fuzz::Input& input) {
  std::vector<OwnedHeader> headers;
  for (std::string line = input.text(); !line.empty(); line = input.text()) {
    const std::size_t colon = std::min(line.find('='), line.size());
    OwnedHeader header{line.substr(0, colon), std::nullopt};
    if (colon < line.size()) header.value = line.substr(colon + 1);
    headers.push_back(std::move(header));
  }
  return headers;
}

void check_receipt(const RecordView& record) {
  const auto receipt = replay::read_receipt(record);
  if (!receipt) return;
  const auto headers = replay::headers_of(*receipt);
  std::vector<RecordHeader> borrowed;
  for (const OwnedHeader& header : headers) borrowed.push_back({header.name, header.value});
  RecordView again = record;
  again.headers = borrowed;
  const auto read = replay::read_receipt(again);
  require(read && read->kind == receipt->kind && read->letter == receipt->letter &&
              read->run == receipt->run && read->after == receipt->after &&
              read->record == receipt->record && read->written == receipt->written,
          "a receipt that is written again is the same");
}

// Headers as anybody may have written them.
void check_any(fuzz::Input& input) {
  Stored stored;
  stored.offset = input.number();
  stored.timestamp_ms = input.number();
  stored.headers = read_headers(input);
  stored.value = std::string(input.rest());
  std::vector<RecordHeader> borrowed;
  const RecordView view = stored.view(borrowed);
  check_receipt(view);
  const auto whole = replay::read_whole_letter(7, view);
  require(whole.has_value() == replay::read_letter(7, view).has_value(), "both readers agree");
  if (!whole) return;
  const replay::Letter& letter = whole->record.letter;
  require(letter.place == replay::Place{7, stored.offset}, "its place is where it stands");
  require(letter.partition >= 0 && letter.offset >= 0 && !letter.topic.empty(), "it names a record",
          letter.id());
  require(whole->envelope.size() + whole->record.headers.size() == stored.headers.size(),
          "each header is the envelope's or the record's");
  const std::string shown = replay::text_of(*whole, false);
  const auto lines = std::count(shown.begin(), shown.end(), '\n');
  require(std::cmp_equal(lines, 4 + stored.headers.size()), "each header is one line", shown);
}

std::string token_of(std::string_view response, std::string_view scheme) {
  const std::size_t at = response.find(scheme);
  if (at == response.npos) return {};
  const std::string_view rest = response.substr(at + scheme.size());
  const auto end = std::find_if_not(rest.begin(), rest.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return {rest.begin(), end};
}

void check_texts(const std::vector<OwnedHeader>& envelope, const std::string& response) {
  for (const OwnedHeader& header : envelope) {
    require(header.name.starts_with(codec::kEnvelopePrefix), "it is marked as ours", header.name);
    require(header.value && !header.value->empty(), "what is empty is left out", header.name);
    require(fuzz::is_one_line(*header.value), "a header is one line", *header.value);
  }
  const std::string token = token_of(response, "Bearer ");
  const std::string_view shown = value_of(envelope, "sluice.response");
  require(token.size() < 8 || shown.find("Bearer " + token) == shown.npos,
          "credentials that an API echoes are hidden", shown);
}

// The way out and back: a record that failed, with headers of its own.
void check_round_trip(fuzz::Input& input) {
  codec::DeadLetterOrigin origin{input.text(), input.text(),
                                 static_cast<std::int32_t>(input.choice(1000)),
                                 std::max<std::int64_t>(input.number(), 0), input.number()};
  if (origin.topic.empty() || !fuzz::is_one_line(origin.topic)) return;  // not one of Kafka's
  codec::DeadLetterCause cause;
  cause.reason = kAllDeadLetterReasons[input.choice(kAllDeadLetterReasons.size())];
  cause.status = static_cast<int>(input.choice(1000));
  cause.detail = input.text();
  cause.request_id = input.text();
  const std::string response = input.text();
  cause.response_excerpt = response;
  const WallTime failed_at{std::chrono::seconds(input.choice(4'000'000'000))};
  const auto envelope = codec::envelope(origin, cause, failed_at);
  check_texts(envelope, response);

  Stored stored{5, 1'790'000'000'000, {}, read_headers(input)};
  const auto own = codec::without_envelope(stored.headers);
  stored.headers.insert(stored.headers.end(), envelope.begin(), envelope.end());
  std::vector<RecordHeader> borrowed;
  const auto letter = replay::read_letter(1, stored.view(borrowed));
  require(letter.has_value(), "what is written is a letter");
  require(letter->topic == origin.topic && letter->partition == origin.partition &&
              letter->offset == origin.offset && letter->status == cause.status &&
              letter->reason == to_string(cause.reason) && letter->failed_at == failed_at,
          "it says what happened to which record, whatever headers that had", letter->id());
  const auto left = codec::without_envelope(stored.headers);
  require(std::equal(left.begin(), left.end(), own.begin(), own.end(), same),
          "without its envelope it is the record again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view what = input.line();
  if (what == "any") check_any(input);
  if (what == "written") check_round_trip(input);
  return 0;
}
