#include "replay/letter.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/record_time.h"
#include "codec/envelope.h"
#include "config/values.h"

namespace sluice::replay {
namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || value < 0) return std::nullopt;
  return value;
}

class Envelope {
 public:
  explicit Envelope(const RecordView& record) : record_(record) {}

  std::optional<std::string_view> text(std::string_view name) const {
    return header(record_, std::string(codec::kEnvelopePrefix).append(name));
  }
  std::string text_or_empty(std::string_view name) const {
    return std::string(text(name).value_or(""));
  }
  template <class T>
  std::optional<T> number_of(std::string_view name) const {
    const auto found = text(name);
    return found ? number<T>(*found) : std::nullopt;
  }

 private:
  const RecordView& record_;
};

WallTime time_or(std::optional<std::string_view> text, WallTime otherwise) {
  if (!text) return otherwise;
  return config::parse_time(*text).value_or(otherwise);
}

}  // namespace

std::string to_string(Place place) {
  return std::to_string(place.partition) + ':' + std::to_string(place.offset);
}

std::optional<Place> parse_place(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto partition = number<std::int32_t>(text.substr(0, colon));
  const auto offset = number<std::int64_t>(text.substr(colon + 1));
  if (!partition || !offset) return std::nullopt;
  return Place{*partition, *offset};
}

std::string Letter::id() const {
  return topic + '/' + std::to_string(partition) + '/' + std::to_string(offset);
}

std::optional<std::string_view> header(const RecordView& record, std::string_view name) {
  std::optional<std::string_view> found;
  for (const RecordHeader& candidate : record.headers) {
    if (candidate.name == name && candidate.value) found = candidate.value;
  }
  return found;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  return number<std::int64_t>(text);
}

std::optional<Letter> read_letter(std::int32_t partition, const RecordView& record) {
  const Envelope envelope(record);
  const auto of_partition = envelope.number_of<std::int32_t>("partition");
  const auto of_offset = envelope.number_of<std::int64_t>("offset");
  Letter letter;
  letter.topic = envelope.text_or_empty("topic");
  letter.reason = envelope.text_or_empty("reason");
  if (letter.topic.empty() || letter.reason.empty() || !of_partition || !of_offset) {
    return std::nullopt;
  }
  letter.place = {partition, record.offset};
  letter.written = record_time(record.timestamp_ms);
  letter.pipeline = envelope.text_or_empty("pipeline");
  letter.partition = *of_partition;
  letter.offset = *of_offset;
  letter.timestamp = envelope.text_or_empty("timestamp");
  letter.status = envelope.number_of<int>("status");
  letter.failed_at = time_or(envelope.text("failed_at"), letter.written);
  letter.replays = envelope.number_of<std::uint32_t>("replays").value_or(0);
  letter.left_out = envelope.number_of<std::size_t>("oversized");
  return letter;
}

}  // namespace sluice::replay
