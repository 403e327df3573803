// A dead letter, by what its headers say.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/record.h"

namespace sluice::replay {

// Where a letter stands in its dead-letter topic. This is what tells letters apart: one record can
// be dead-lettered twice.
struct Place {
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  auto operator<=>(const Place&) const = default;
};
std::string to_string(Place place);  // "0:17"
std::optional<Place> parse_place(std::string_view text);

// Without the record itself: a topic may hold more letters than fit into memory.
struct Letter {
  Place place{};
  WallTime written{};
  std::string pipeline{};
  std::string topic{};  // the record's own, as are the next three
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string timestamp{};  // as the envelope has it; empty: none
  std::string reason{};
  std::optional<int> status{};
  WallTime failed_at{};  // `written` where the envelope has none
  std::uint32_t replays = 0;
  std::optional<std::size_t> left_out{};  // bytes of the value that the letter refers to only

  // "topic/partition/offset" of the record.
  std::string id() const;
  // The same for letters of one record, also where its topic was made anew in between.
  std::string identity() const { return id() + '@' + timestamp + ' ' + pipeline; }
};

// The last header of that name that has a value: ours stand behind the record's own.
std::optional<std::string_view> header(const RecordView& record, std::string_view name);
// Digits only, of a number that fits.
std::optional<std::int64_t> whole_number(std::string_view text);

// nullopt: not a dead letter of ours.
std::optional<Letter> read_letter(std::int32_t partition, const RecordView& record);

}  // namespace sluice::replay
