#include "replay/scan.h"

#include <string>

#include "codec/envelope.h"

namespace sluice::replay {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(100);

}  // namespace

Result<const kafka::PolledRecord*> Reading::next() { return poll(true); }

Result<const kafka::PolledRecord*> Reading::next_written() {
  heard_at_ = clock_.now();
  return poll(false);
}

Result<const kafka::PolledRecord*> Reading::poll(bool stop_at_end) {
  std::string trouble;
  while (true) {
    if (!waiting_.wait(Duration::zero())) return fail("interrupted");
    if (stop_at_end && source_.at_end()) return nullptr;
    const auto* polled = source_.poll(kPoll);
    if (polled != nullptr) {
      heard_at_ = clock_.now();
      return polled;
    }
    for (const auto& error : source_.take_errors()) trouble = " (" + error + ")";
    if (clock_.now() - heard_at_ >= kPatience) {
      return fail("the brokers sent nothing for 30 s" + trouble, "try again once they answer");
    }
  }
}

Result<void> scan(kafka::RecordSource& source, const Clock& clock, Waiting& waiting,
                  Catalog& catalog, const std::function<void(const kafka::PolledRecord&)>& seen) {
  Reading reading(source, clock, waiting);
  while (true) {
    const auto polled = reading.next();
    if (!polled) return tl::unexpected(polled.error());
    if (*polled == nullptr) return {};
    catalog.add((*polled)->partition, (*polled)->record);
    seen(**polled);
  }
}

Result<std::string> fetch_value(kafka::RecordSource& source, const Clock& clock, Waiting& waiting,
                                const Letter& letter) {
  const auto polled = Reading(source, clock, waiting).next();
  if (!polled) return tl::unexpected(polled.error());
  const RecordView* const record = *polled == nullptr ? nullptr : &(*polled)->record;
  if (record == nullptr || record->offset != letter.offset || !record->value) {
    return fail("its topic no longer has the record that the letter refers to");
  }
  const bool same_time = codec::envelope_timestamp(record->timestamp_ms) == letter.timestamp;
  if (record->value->size() != letter.left_out || !same_time) {
    return fail("another record stands where the letter refers to");
  }
  return std::string(*record->value);
}

}  // namespace sluice::replay
