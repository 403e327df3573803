#include "support/kept_ranges.h"

#include <xxhash.h>

#include <limits>
#include <stdexcept>

namespace sluice::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

// version 1, form 1, hash of the origin 8, committed offset 8, checksum 4; little-endian.
constexpr std::size_t kOriginAt = 2;
constexpr std::size_t kCommittedAt = 10;
constexpr std::size_t kChecksumAt = 18;
constexpr std::size_t kRangesAt = 22;
constexpr std::int64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();

[[noreturn]] void malformed(const std::string& why) {
  throw std::runtime_error("commit metadata: " + why);
}

std::uint32_t sextet(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  if (c == '/') return 63;
  malformed("no base64");
}

// With padding, and nothing in the bits that it leaves over.
Bytes from_base64(std::string_view text) {
  if (text.size() % 4 != 0) malformed("base64 that was cut off");
  Bytes bytes;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string quad(text.substr(at, 4));
    std::size_t padding = 0;
    while (at + 4 == text.size() && padding < 2 && quad[3 - padding] == '=') {
      quad[3 - padding++] = 'A';
    }
    std::uint32_t bits = 0;
    for (const char c : quad) bits = bits << 6 | sextet(c);
    if ((bits & ((1U << (8 * padding)) - 1)) != 0) malformed("base64 with bits left over");
    for (std::size_t i = 0; i < 3 - padding; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
    }
  }
  return bytes;
}

std::uint64_t number(const Bytes& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8 | bytes[at + i - 1];
  return value;
}

std::uint32_t checksum(const Bytes& bytes) {
  const std::uint64_t head = XXH3_64bits(bytes.data(), kChecksumAt);
  return static_cast<std::uint32_t>(
      XXH3_64bits_withSeed(bytes.data() + kRangesAt, bytes.size() - kRangesAt, head));
}

// Seven bits a byte, the lowest first; the highest bit: more follow.
std::int64_t take_varint(const Bytes& bytes, std::size_t& at) {
  std::int64_t value = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    if (at == bytes.size()) malformed("a number is missing");
    const std::uint8_t byte = bytes[at++];
    value |= std::int64_t{byte & 0x7f} << shift;
    if (byte < 0x80) return value;
  }
  malformed("a number that is too large");
}

Ranges read_runs(const Bytes& bytes, std::int64_t committed) {
  Ranges ranges;
  std::int64_t end = committed;
  for (std::size_t at = kRangesAt; at < bytes.size();) {
    const std::int64_t gap = take_varint(bytes, at);
    const std::int64_t length = take_varint(bytes, at);
    if (gap == 0 && !ranges.empty()) malformed("ranges that are one");
    if (length == 0) malformed("an empty range");
    if (gap > kMaxOffset - end || length > kMaxOffset - end - gap) malformed("beyond all offsets");
    const std::int64_t first = end + gap;
    end = first + length;
    ranges.emplace_back(first, end);
  }
  return ranges;
}

Ranges read_bits(const Bytes& bytes, std::int64_t committed) {
  const auto count = static_cast<std::int64_t>((bytes.size() - kRangesAt) * 8);
  if (committed > kMaxOffset - count) malformed("beyond all offsets");
  const auto is_set = [&bytes](std::int64_t bit) {
    return (bytes[kRangesAt + static_cast<std::size_t>(bit / 8)] >> (bit % 8) & 1) != 0;
  };
  Ranges ranges;
  for (std::int64_t bit = 0; bit < count; ++bit) {
    if (!is_set(bit)) continue;
    const std::int64_t first = bit;
    while (bit < count && is_set(bit)) ++bit;
    ranges.emplace_back(committed + first, committed + bit);
  }
  return ranges;
}

void put(Bytes& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

void put_varint(Bytes& bytes, std::int64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(value | 0x80));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

std::string to_base64(const Bytes& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (at + i < bytes.size() ? bytes[at + i] : std::uint32_t{0});
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += at + i > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * i) & 63];
    }
  }
  return text;
}

}  // namespace

Ranges kept_ranges(std::string_view metadata, const std::string& cluster_id,
                   const std::string& topic, std::int32_t partition, std::int64_t committed) {
  if (metadata.empty()) return {};
  const Bytes bytes = from_base64(metadata);
  if (bytes.size() <= kRangesAt) malformed("it ends too early");
  if (bytes[0] != 1) malformed("version " + std::to_string(bytes[0]));
  if (number(bytes, kChecksumAt, 4) != checksum(bytes)) malformed("its checksum is wrong");
  const std::string origin = cluster_id + "\n" + topic + "\n" + std::to_string(partition);
  if (number(bytes, kOriginAt, 8) != XXH3_64bits(origin.data(), origin.size())) {
    malformed("it is of another cluster, topic or partition");
  }
  const std::uint64_t point = number(bytes, kCommittedAt, 8);
  if (committed < 0 || point != static_cast<std::uint64_t>(committed)) {
    malformed("it is of offset " + std::to_string(point));
  }
  if (bytes[1] > 1) malformed("form " + std::to_string(bytes[1]));
  Ranges ranges = bytes[1] == 0 ? read_runs(bytes, committed) : read_bits(bytes, committed);
  if (ranges.empty()) malformed("it says nothing");
  return ranges;
}

std::string kept_text(const std::string& cluster_id, const std::string& topic,
                      std::int32_t partition, std::int64_t committed, std::int64_t first,
                      std::int64_t end) {
  const std::string origin = cluster_id + "\n" + topic + "\n" + std::to_string(partition);
  Bytes bytes = {1, 0};
  put(bytes, XXH3_64bits(origin.data(), origin.size()), 8);
  put(bytes, static_cast<std::uint64_t>(committed), 8);
  Bytes runs;
  put_varint(runs, first - committed);
  put_varint(runs, end - first);
  const std::uint64_t head = XXH3_64bits(bytes.data(), bytes.size());
  put(bytes, XXH3_64bits_withSeed(runs.data(), runs.size(), head), 4);
  bytes.insert(bytes.end(), runs.begin(), runs.end());
  return to_base64(bytes);
}

}  // namespace sluice::test
