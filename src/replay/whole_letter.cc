#include "replay/whole_letter.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "codec/envelope.h"
#include "telemetry/text.h"

namespace sluice::replay {
namespace {

constexpr std::size_t kNameWidth = 15;

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::string line(std::string_view name, std::string_view text) {
  std::string out(name);
  out.resize(std::max(kNameWidth, out.size() + 1), ' ');
  return telemetry::to_line(out.append(text)) + '\n';
}

std::string shown(const std::optional<std::string>& bytes, bool payload) {
  if (!bytes) return "null";
  return payload ? *bytes : fingerprint(*bytes);
}

std::string shown_value(const WholeLetter& letter, bool payload) {
  if (!letter.record.letter.left_out) return shown(letter.record.value, payload);
  return "left out: " + std::to_string(*letter.record.letter.left_out) + " bytes at " +
         letter.record.letter.id();
}

}  // namespace

std::optional<WholeLetter> read_whole_letter(std::int32_t partition, const RecordView& record) {
  auto letter = read_letter(partition, record);
  if (!letter) return std::nullopt;
  WholeLetter whole{{std::move(*letter), {}, owned(record.key), owned(record.value), {}}, {}, {}};
  for (const RecordHeader& header : record.headers) {
    auto& headers =
        header.name.starts_with(codec::kEnvelopePrefix) ? whole.envelope : whole.record.headers;
    headers.push_back({std::string(header.name), owned(header.value)});
  }
  return whole;
}

std::string fingerprint(std::string_view bytes) {
  std::array<char, 20> hash{};
  std::snprintf(hash.data(), hash.size(), "%016llx",
                static_cast<unsigned long long>(XXH3_64bits(bytes.data(), bytes.size())));
  return std::to_string(bytes.size()) + " bytes, xxh3 " + hash.data();
}

std::string text_of(const WholeLetter& letter, bool payload) {
  std::string text = line("letter", to_string(letter.record.letter.place)) +
                     line("state", to_string(letter.state));
  for (const OwnedHeader& header : letter.envelope) {
    text += line(header.name.substr(codec::kEnvelopePrefix.size()), header.value.value_or(""));
  }
  text += line("key", shown(letter.record.key, payload));
  text += line("value", shown_value(letter, payload));
  for (const OwnedHeader& header : letter.record.headers) {
    text += line("header", header.name + ": " + shown(header.value, payload));
  }
  return text;
}

}  // namespace sluice::replay
