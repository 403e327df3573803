#include "replay/receipt.h"

#include "base/record_time.h"

namespace sluice::replay {
namespace {

constexpr std::string_view kReceipt = "sluice.receipt";
constexpr std::string_view kRecord = "sluice.record";
constexpr std::string_view kLetter = "sluice.letter";
constexpr std::string_view kRun = "sluice.run";
constexpr std::string_view kAfter = "sluice.after";

std::optional<ReceiptKind> kind_of(std::string_view name) {
  for (const auto kind : {ReceiptKind::begun, ReceiptKind::done, ReceiptKind::not_sent}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(ReceiptKind kind) {
  switch (kind) {
    case ReceiptKind::begun:
      return "begun";
    case ReceiptKind::done:
      return "done";
    case ReceiptKind::not_sent:
      return "not_sent";
  }
  return "unknown";
}

std::string_view to_string(LetterState state) {
  switch (state) {
    case LetterState::waiting:
      return "waiting";
    case LetterState::uncertain:
      return "uncertain";
    case LetterState::replayed:
      return "replayed";
  }
  return "unknown";
}

std::vector<OwnedHeader> headers_of(const Receipt& receipt) {
  std::vector<OwnedHeader> headers = {{std::string(kReceipt), std::string(to_string(receipt.kind))},
                                      {std::string(kRecord), receipt.record},
                                      {std::string(kLetter), to_string(receipt.letter)},
                                      {std::string(kRun), receipt.run}};
  if (!receipt.after.empty()) headers.push_back({std::string(kAfter), receipt.after});
  return headers;
}

std::optional<Receipt> read_receipt(const RecordView& record) {
  const auto kind = kind_of(header(record, kReceipt).value_or(""));
  const auto letter = parse_place(header(record, kLetter).value_or(""));
  if (!kind || !letter) return std::nullopt;
  return Receipt{*kind,
                 *letter,
                 std::string(header(record, kRun).value_or("")),
                 std::string(header(record, kAfter).value_or("")),
                 std::string(header(record, kRecord).value_or("")),
                 record_time(record.timestamp_ms)};
}

void ReceiptBook::note(const Receipt& receipt) {
  const Entry& now = of(receipt.letter);
  switch (receipt.kind) {
    case ReceiptKind::begun:
      // Somebody was faster where it does not follow on what its writer saw.
      if (now.state == LetterState::replayed || now.run != receipt.after) return;
      entries_[receipt.letter] = {LetterState::uncertain, receipt.run, receipt.record,
                                  receipt.written};
      return;
    case ReceiptKind::done:
      entries_[receipt.letter] = {LetterState::replayed, receipt.run, receipt.record,
                                  receipt.written};
      return;
    case ReceiptKind::not_sent:
      if (now.state == LetterState::uncertain && now.run == receipt.run) {
        entries_.erase(receipt.letter);
      }
      return;
  }
}

const ReceiptBook::Entry& ReceiptBook::of(Place letter) const {
  static const Entry waiting;
  const auto found = entries_.find(letter);
  return found == entries_.end() ? waiting : found->second;
}

}  // namespace sluice::replay
