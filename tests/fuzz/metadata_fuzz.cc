// Commit metadata: any text is refused or read as offsets that can be; what is written is read
// back.
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <string>

#include "commit/base64.h"
#include "commit/metadata.h"
#include "fuzz/fuzz_input.h"

namespace {

using namespace sluice;
using commit::OffsetRange;
using fuzz::require;
using Ranges = std::vector<OffsetRange>;

const commit::Origin kOrigin{"cluster", "events", 3};
constexpr std::size_t kChecksumAt = 18;
constexpr std::size_t kHead = 22;

void check_ranges(const Ranges& ranges, std::int64_t committed) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    require(ranges[i].first >= committed, "none is below the commit point");
    require(ranges[i].last > ranges[i].first, "no range is empty");
    require(i == 0 || ranges[i].first > ranges[i - 1].last, "they ascend, apart from each other");
  }
}

// Any text, as another tool may have left it.
void check_text(std::string_view text, std::int64_t committed) {
  const auto ranges = commit::decode(text, kOrigin, committed);
  if (!ranges) return;
  check_ranges(*ranges, committed);
  require(!commit::decode(text, {"other", "events", 3}, committed), "of this cluster only");
  require(!commit::decode(text, {"cluster", "events", 4}, committed), "of this partition only");
  require(!commit::decode(text, kOrigin, committed - 1), "of this commit only");
}

std::string little_endian(std::uint64_t number, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>((number >> (8 * i)) & 0xff);
  return out;
}

// The bytes as the ranges of a text whose head and checksum are right: no guess finds those.
void check_signed(std::string_view ranges, char encoding, std::int64_t committed) {
  const std::string_view origin = "cluster\nevents\n3";
  std::string head = std::string("\x01") + encoding +
                     little_endian(XXH3_64bits(origin.data(), origin.size()), 8) +
                     little_endian(static_cast<std::uint64_t>(committed), 8);
  const std::uint64_t seed = XXH3_64bits(head.data(), kChecksumAt);
  head += little_endian(XXH3_64bits_withSeed(ranges.data(), ranges.size(), seed), 4);
  require(head.size() == kHead, "the head is as long as it is");
  check_text(commit::to_base64(head + std::string(ranges)), committed);
}

// What there is of `ahead` from `committed` to `end`.
Ranges between(const Ranges& ahead, std::int64_t committed, std::int64_t end) {
  Ranges cut;
  for (const auto& range : ahead) {
    const OffsetRange part{std::max(range.first, committed), std::min(range.last, end)};
    if (part.first < part.last) cut.push_back(part);
  }
  return cut;
}

// Gaps and lengths, a byte each: half of them short, half long.
Ranges ranges_from(std::string_view bytes, std::int64_t from) {
  Ranges ranges;
  std::int64_t at = from;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto gap = static_cast<unsigned char>(bytes[i]);
    const auto length = static_cast<unsigned char>(bytes[i + 1]);
    at += 1 + (gap < 128 ? gap : (gap - 128) * 300);
    ranges.push_back({at, at + 1 + (length < 128 ? length : (length - 128) * 300)});
    at = ranges.back().last;
  }
  return ranges;
}

void check_round_trip(const Ranges& ahead, std::int64_t committed, std::size_t limit) {
  const auto made = commit::encode(kOrigin, committed, ahead, limit);
  require(made.text.size() <= std::min(limit, commit::kMostMetadata), "it fits", made.text);
  const Ranges covered = between(ahead, committed, made.covers_to);
  if (made.text.empty()) {
    require(covered.empty(), "nothing is said of nothing only");
    return;
  }
  const auto read = commit::decode(made.text, kOrigin, committed);
  require(read.has_value(), "what is written can be read", made.text);
  require(*read == covered, "what is read is what was written", made.text);
  const auto again = commit::encode(kOrigin, committed, *read, limit);
  // Of what was cut another encoding may be the shorter one.
  const bool whole = made.covers_to == std::numeric_limits<std::int64_t>::max();
  require(!whole || again.text == made.text, "written again it is the same", made.text);
  require(commit::decode(again.text, kOrigin, committed) == read, "written again it says the same",
          made.text);
  for (std::size_t i = 0; i < made.text.size(); i += 1 + made.text.size() / 8) {
    std::string damaged = made.text;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    require(!commit::decode(damaged, kOrigin, committed), "damage is seen", damaged);
  }
}

}  // namespace

// What to do, the commit point, the limit; then text or bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view what = input.line();
  const std::int64_t committed = input.number();
  const auto limit = input.choice(commit::kMostMetadata + 100);
  if (what == "text") check_text(input.rest(), committed);
  if (what == "runs") check_signed(input.rest(), '\0', committed);
  if (what == "bitmap") check_signed(input.rest(), '\1', committed);
  if (what == "ranges" && committed >= 0) {
    const std::int64_t point = std::min<std::int64_t>(committed, std::int64_t{1} << 62);
    // Some of them are behind the commit point already.
    const auto ahead = ranges_from(input.rest(), std::max<std::int64_t>(point - 1000, 0));
    check_round_trip(ahead, point, limit);
  }
  return 0;
}
