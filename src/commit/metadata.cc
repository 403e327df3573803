#include "commit/metadata.h"

#include <xxhash.h>

#include <algorithm>
#include <limits>

#include "commit/base64.h"

namespace sluice::commit {
namespace {

// Layout: version, encoding, origin (8 bytes), commit point (8), checksum (4) of all the others,
// then the ranges. Numbers are little-endian.
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kRuns = 0;    // gap, length, gap, length, ... as varints
constexpr std::uint8_t kBitmap = 1;  // one bit an offset from the commit point on, lowest first
constexpr std::size_t kChecksumAt = 18;
constexpr std::size_t kHead = 22;
constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

void put_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>((number >> (8 * i)) & 0xff);
}

std::uint64_t number_at(std::string_view text, std::size_t at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
  }
  return number;
}

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7f) | 0x80);
  out += static_cast<char>(number);
}

// nullopt: no number stands there.
std::optional<std::uint64_t> take_varint(std::string_view& text) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 63 && !text.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

std::uint64_t hash_of(const Origin& origin) {
  const std::string all =
      origin.cluster_id + '\n' + origin.topic + '\n' + std::to_string(origin.partition);
  return XXH3_64bits(all.data(), all.size());
}

// Of everything but the checksum itself.
std::uint32_t checksum_of(std::string_view text) {
  const std::uint64_t head = XXH3_64bits(text.data(), kChecksumAt);
  const std::string_view rest = text.substr(kHead);
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(rest.data(), rest.size(), head));
}

std::vector<OffsetRange> beyond_of(const std::vector<OffsetRange>& ranges, std::int64_t point) {
  std::vector<OffsetRange> beyond;
  for (const auto& range : ranges) {
    if (range.last > point) beyond.push_back({std::max(range.first, point), range.last});
  }
  return beyond;
}

struct Packed {
  std::string bytes;
  std::int64_t covers_to = kAll;
};

Packed pack_runs(std::int64_t point, const std::vector<OffsetRange>& ahead, std::size_t room) {
  Packed packed;
  std::int64_t at = point;
  for (const auto& range : ahead) {
    std::string run;
    put_varint(run, static_cast<std::uint64_t>(range.first - at));
    put_varint(run, static_cast<std::uint64_t>(range.last - range.first));
    if (packed.bytes.size() + run.size() > room) {
      packed.covers_to = range.first;
      break;
    }
    packed.bytes += run;
    at = range.last;
  }
  return packed;
}

Packed pack_bitmap(std::int64_t point, const std::vector<OffsetRange>& ahead, std::size_t room) {
  Packed packed;
  const auto most = static_cast<std::int64_t>(room * 8);
  const std::int64_t bits = std::min(ahead.back().last - point, most);
  packed.bytes.resize(static_cast<std::size_t>((bits + 7) / 8));
  for (const auto& range : ahead) {
    for (std::int64_t bit = range.first - point; bit < range.last - point; ++bit) {
      if (bit >= bits) {
        packed.covers_to = point + bit;
        return packed;
      }
      char& byte = packed.bytes[static_cast<std::size_t>(bit / 8)];
      byte = static_cast<char>(byte | (1 << (bit % 8)));
    }
  }
  return packed;
}

std::optional<std::vector<OffsetRange>> unpack_runs(std::string_view text, std::int64_t point) {
  std::vector<OffsetRange> ranges;
  std::int64_t at = point;
  while (!text.empty()) {
    const auto gap = take_varint(text);
    const auto length = take_varint(text);
    const auto left = static_cast<std::uint64_t>(kAll - at);
    if (!gap || !length || *length == 0 || *gap >= left || *length > left - *gap) {
      return std::nullopt;
    }
    if (*gap == 0 && !ranges.empty()) return std::nullopt;
    const std::int64_t first = at + static_cast<std::int64_t>(*gap);
    at = first + static_cast<std::int64_t>(*length);
    ranges.push_back({first, at});
  }
  return ranges;
}

std::optional<std::vector<OffsetRange>> unpack_bitmap(std::string_view text, std::int64_t point) {
  std::vector<OffsetRange> ranges;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    if (((static_cast<unsigned char>(text[bit / 8]) >> (bit % 8)) & 1U) == 0) continue;
    if (kAll - point <= static_cast<std::int64_t>(bit)) return std::nullopt;
    const std::int64_t offset = point + static_cast<std::int64_t>(bit);
    if (!ranges.empty() && ranges.back().last == offset) {
      ++ranges.back().last;
    } else {
      ranges.push_back({offset, offset + 1});
    }
  }
  return ranges;
}

}  // namespace

Metadata encode(const Origin& origin, std::int64_t commit_point,
                const std::vector<OffsetRange>& ahead, std::size_t limit) {
  const auto beyond = beyond_of(ahead, commit_point);
  if (beyond.empty()) return {{}, kAll};
  const std::size_t most = base64_holds(std::min(limit, kMostMetadata));
  if (most <= kHead) return {{}, beyond.front().first};
  const Packed runs = pack_runs(commit_point, beyond, most - kHead);
  const Packed bitmap = pack_bitmap(commit_point, beyond, most - kHead);
  const bool use_runs = runs.covers_to != bitmap.covers_to
                            ? runs.covers_to > bitmap.covers_to
                            : runs.bytes.size() <= bitmap.bytes.size();
  const Packed& chosen = use_runs ? runs : bitmap;
  if (chosen.covers_to == beyond.front().first) return {{}, chosen.covers_to};
  std::string text;
  text += static_cast<char>(kVersion);
  text += static_cast<char>(use_runs ? kRuns : kBitmap);
  put_number(text, hash_of(origin), 8);
  put_number(text, static_cast<std::uint64_t>(commit_point), 8);
  put_number(text, 0, 4);
  text += chosen.bytes;
  std::string checksum;
  put_number(checksum, checksum_of(text), 4);
  text.replace(kChecksumAt, 4, checksum);
  return {to_base64(text), chosen.covers_to};
}

std::optional<std::vector<OffsetRange>> decode(std::string_view text, const Origin& origin,
                                               std::int64_t committed) {
  if (text.size() > kMostMetadata) return std::nullopt;
  const auto decoded = from_base64(text);
  if (!decoded || decoded->size() <= kHead) return std::nullopt;
  const std::string_view bytes = *decoded;
  const auto point = static_cast<std::int64_t>(number_at(bytes, 10, 8));
  if (static_cast<std::uint8_t>(bytes[0]) != kVersion ||
      number_at(bytes, 2, 8) != hash_of(origin) || point != committed || point < 0 ||
      number_at(bytes, kChecksumAt, 4) != checksum_of(bytes)) {
    return std::nullopt;
  }
  const std::string_view ranges = bytes.substr(kHead);
  if (static_cast<std::uint8_t>(bytes[1]) == kRuns) return unpack_runs(ranges, point);
  if (static_cast<std::uint8_t>(bytes[1]) == kBitmap) return unpack_bitmap(ranges, point);
  return std::nullopt;
}

}  // namespace sluice::commit
