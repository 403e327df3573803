// Letters and receipts as their topic holds them.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/record_writer.h"
#include "codec/envelope.h"
#include "kafka/topic_reader.h"
#include "replay/pace.h"
#include "replay/receipt.h"
#include "support/fake_clock.h"

namespace sluice::replay {

inline constexpr WallTime kFailedAt = WallTime(std::chrono::seconds(1'790'000'000));

// Owns what a RecordView borrows.
struct Stored {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 1'790'000'000'000;
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  std::vector<OwnedHeader> headers{};

  RecordView view() const {
    borrowed.clear();
    for (const OwnedHeader& header : headers) borrowed.push_back({header.name, header.value});
    return {offset, timestamp_ms, key, value, borrowed};
  }

  mutable std::vector<RecordHeader> borrowed{};
};

struct LetterOf {
  std::string topic = "events";
  std::int64_t offset = 7;
  std::string pipeline = "p";
  DeadLetterReason reason = DeadLetterReason::rejected;
  std::optional<int> status = 400;
  WallTime failed_at = kFailedAt;
  std::int64_t timestamp_ms = 1'700'000'000'000;  // of the record
};

inline Stored letter_at(Place place, const LetterOf& of = {}) {
  Stored stored;
  stored.partition = place.partition;
  stored.offset = place.offset;
  stored.key = "key";
  stored.value = "value";
  codec::DeadLetterCause cause;
  cause.reason = of.reason;
  cause.status = of.status;
  stored.headers =
      codec::envelope({of.pipeline, of.topic, 2, of.offset, of.timestamp_ms}, cause, of.failed_at);
  return stored;
}

inline Stored receipt_at(std::int64_t offset, const Receipt& receipt) {
  Stored stored;
  stored.partition = receipt.letter.partition;
  stored.offset = offset;
  stored.headers = headers_of(receipt);
  return stored;
}

// What a topic holds, grown by whoever writes to it.
class FakeSource final : public kafka::RecordSource {
 public:
  explicit FakeSource(test::FakeClock& clock) : clock_(clock) {}

  void add(Stored record) { records_.push_back(std::move(record)); }
  // Everything so far stood there when it was opened.
  void open() { end_ = records_.size(); }

  const kafka::PolledRecord* poll(Duration wait) override {
    if (next_ == records_.size()) {
      clock_.advance(wait);
      return nullptr;
    }
    const Stored& stored = records_[next_++];
    polled_ = {"events.dlq", stored.partition, stored.view()};
    return &polled_;
  }
  bool at_end() const override { return next_ >= end_; }
  std::vector<std::string> take_errors() override { return {"Broker: away"}; }

 private:
  test::FakeClock& clock_;
  std::deque<Stored> records_;  // stay where they are
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  kafka::PolledRecord polled_;
};

class FakeWaiting final : public Waiting {
 public:
  explicit FakeWaiting(test::FakeClock& clock) : clock_(clock) {}

  bool wait(Duration time) override {
    clock_.advance(time);
    if (stop_at && clock_.now() >= *stop_at) return false;
    return true;
  }
  std::optional<Instant> stop_at;

 private:
  test::FakeClock& clock_;
};

}  // namespace sluice::replay
