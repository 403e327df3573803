// What replays write into the dead-letter topic beside the letters, so that none is replayed twice
// by accident: by a second run, by one at the same time, by one after a crash.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/record_writer.h"
#include "replay/letter.h"

namespace sluice::replay {

enum class ReceiptKind : std::uint8_t {
  begun,     // the run is about to replay the letter
  done,      // it arrived
  not_sent,  // it did not arrive, for sure: the letter waits again
};
std::string_view to_string(ReceiptKind kind);

// Stands in the partition of its letter, behind it: the order of receipts is the log's, and
// retention never takes a receipt before its letter.
struct Receipt {
  ReceiptKind kind = ReceiptKind::begun;
  Place letter;
  std::string run;       // which replay wrote it
  std::string after{};   // of begun: the run whose claim it takes over; empty: of none
  std::string record{};  // Letter::identity()
  WallTime written{};
};

std::vector<OwnedHeader> headers_of(const Receipt& receipt);
// nullopt: not a receipt.
std::optional<Receipt> read_receipt(const RecordView& record);

enum class LetterState : std::uint8_t {
  waiting,    // no replay has it
  uncertain,  // a replay began with it and did not say how that ended
  replayed,
};
std::string_view to_string(LetterState state);

// Who has which letter. Every reader of the topic comes to the same result, since receipts count in
// the order of the log: of two runs that begin with a letter at once, the first one has it.
class ReceiptBook {
 public:
  struct Entry {
    LetterState state = LetterState::waiting;
    std::string run;     // that has it; empty where it waits
    std::string record;  // as in its receipts
    WallTime since{};    // its last receipt
  };

  void note(const Receipt& receipt);
  const Entry& of(Place letter) const;
  const std::map<Place, Entry>& entries() const { return entries_; }

 private:
  std::map<Place, Entry> entries_;  // none of them waits
};

}  // namespace sluice::replay
