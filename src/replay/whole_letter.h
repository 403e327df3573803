// One letter for people to look at.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/record.h"
#include "base/record_writer.h"
#include "replay/destination.h"
#include "replay/receipt.h"

namespace sluice::replay {

struct WholeLetter {
  LetterRecord record;
  std::vector<OwnedHeader> envelope;
  LetterState state = LetterState::waiting;
};

// nullopt: not a dead letter of ours.
std::optional<WholeLetter> read_whole_letter(std::int32_t partition, const RecordView& record);

// What stands for bytes that are not to be shown: "17 bytes, xxh3 0123456789abcdef", so that two
// can be told apart or found equal.
std::string fingerprint(std::string_view bytes);

// Lines. Key, value and headers of the record are fingerprints unless `payload`.
std::string text_of(const WholeLetter& letter, bool payload);

}  // namespace sluice::replay
