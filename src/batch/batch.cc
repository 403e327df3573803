#include "batch/batch.h"

#include <algorithm>

#include "base/record_time.h"
#include "batch/record_print.h"

namespace sluice::batch {

Batch::Batch(codec::BodyFormat format, MemoryMeter& meter) : body_(format), meter_(meter) {}

Batch::~Batch() { meter_.remove(accounted_); }

void Batch::keep(const RecordView& record, Ticket ticket) {
  // While its bytes are in the nearest cache; the whole body's would come from memory.
  const std::string_view sent = body_.record(body_.records() - 1);
  entries_.push_back({record.offset, record.timestamp_ms, ticket, record_print(sent)});
  Aside aside;
  aside.key = put_aside(record.key);
  if (!record.value || record.value->size() != sent.size()) {
    aside.value_in = ValueIn::side;
    aside.value = put_aside(record.value);
  }
  aside.headers_at = static_cast<std::uint32_t>(header_slices_.size());
  aside.header_count = static_cast<std::uint32_t>(record.headers.size());
  for (const auto& header : record.headers) {
    header_slices_.push_back(put_aside(header.name));
    header_slices_.push_back(put_aside(header.value));
  }
  asides_.push_back(aside);
  if (record.timestamp_ms >= 0 &&
      (oldest_timestamp_ms_ < 0 || record.timestamp_ms < oldest_timestamp_ms_)) {
    oldest_timestamp_ms_ = record.timestamp_ms;
  }
  account();
}

void Batch::copy(const Batch& from, std::size_t i) {
  const Entry& entry = from.entry(i);
  const auto headers = from.headers(i);
  std::vector<RecordHeader> views;
  for (const auto& header : headers) views.push_back({header.name, header.value});
  body_.append(from.body().record(i));
  keep({entry.offset, entry.timestamp_ms, from.key(i), from.value(i), views}, entry.ticket);
  opened_at = from.opened_at;
  strand = from.strand;
  sent_as = from.sent_as;
  route = from.route;
}

void Batch::clear() {
  body_.clear();
  entries_.clear();
  asides_.clear();
  side_.clear();
  header_slices_.clear();
  oldest_timestamp_ms_ = -1;
  route.path.clear();
  account();
}

Duration Batch::oldest_age(std::size_t first, Instant now, WallTime wall) const {
  std::int64_t oldest = oldest_timestamp_ms_;
  if (first > 0) {
    oldest = -1;
    for (std::size_t i = first; i < size(); ++i) {
      const std::int64_t timestamp = entries_[i].timestamp_ms;
      if (timestamp >= 0 && (oldest < 0 || timestamp < oldest)) oldest = timestamp;
    }
  }
  const Duration age = oldest < 0 ? now - opened_at : Duration(wall - record_time(oldest));
  return std::max(age, Duration::zero());
}

std::optional<std::string_view> Batch::key(std::size_t i) const {
  return read_aside(asides_[i].key);
}

std::optional<std::string_view> Batch::value(std::size_t i) const {
  const Aside& aside = asides_[i];
  if (aside.value_in == ValueIn::body) return body_.record(i);
  return read_aside(aside.value);
}

std::vector<OwnedHeader> Batch::headers(std::size_t i) const {
  std::vector<OwnedHeader> headers;
  const Aside& aside = asides_[i];
  for (std::size_t h = 0; h < aside.header_count; ++h) {
    const Slice* pair = &header_slices_[aside.headers_at + 2 * h];
    const auto value = read_aside(pair[1]);
    headers.push_back({std::string(*read_aside(pair[0])),
                       value ? std::optional<std::string>(*value) : std::nullopt});
  }
  return headers;
}

std::optional<std::string_view> Batch::last_header(std::size_t i, std::string_view name) const {
  const Aside& aside = asides_[i];
  for (std::size_t h = aside.header_count; h > 0; --h) {
    const Slice* pair = &header_slices_[aside.headers_at + 2 * (h - 1)];
    if (read_aside(pair[0]) == name) return read_aside(pair[1]);
  }
  return std::nullopt;
}

Batch::Slice Batch::put_aside(std::optional<std::string_view> text) {
  if (!text) return {};
  const Slice slice{static_cast<std::uint32_t>(side_.size()),
                    static_cast<std::uint32_t>(text->size())};
  side_.insert(side_.end(), text->begin(), text->end());
  return slice;
}

std::optional<std::string_view> Batch::read_aside(Slice slice) const {
  if (slice.size == kNull) return std::nullopt;
  return std::string_view(side_.data() + slice.at, slice.size);
}

void Batch::account() {
  const std::size_t holds =
      body_.capacity() + side_.capacity() + entries_.capacity() * sizeof(Entry) +
      asides_.capacity() * sizeof(Aside) + header_slices_.capacity() * sizeof(Slice);
  if (holds == accounted_) return;
  meter_.add(holds - accounted_);  // capacities only grow
  accounted_ = holds;
}

}  // namespace sluice::batch
