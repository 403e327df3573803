// The way of a record between the consumer and the HTTP client, for the checks of what it costs:
// the parts of src/, put together as pipeline::Session does, without anything that waits.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/text_template.h"
#include "batch/strands.h"
#include "bench/deposit_event.h"
#include "commit/ledger.h"

namespace sluice::bench {

// Records that are read again and again, each time at the next offset: key and two headers, as
// producers with tracing write them.
class EndlessRecords {
 public:
  explicit EndlessRecords(std::size_t different, std::size_t value_bytes = DepositEvent::kBytes) {
    for (std::size_t i = 0; i < different; ++i) events_.emplace_back(i, value_bytes);
  }

  // Valid as long as this is.
  RecordView next() {
    const DepositEvent& event = events_[static_cast<std::size_t>(offset_) % events_.size()];
    return {offset_++, kTimestamp, event.key(), event.value(), headers_};
  }

 private:
  static constexpr std::int64_t kTimestamp = 1'789'999'999'000;

  std::vector<DepositEvent> events_;
  std::vector<RecordHeader> headers_ = {
      {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
      {"tenant", "acme"}};
  std::int64_t offset_ = 0;
};

// One partition of a pipeline. Nothing of it reads a clock: `now` stands still.
class HotPath {
 public:
  struct Options {
    std::size_t records = 500;  // of a batch
    std::uint32_t key_shards = 1;
    codec::BodyFormat format = codec::BodyFormat::json_array;
    std::string path = "/events/deposit";
    std::vector<std::string> headers = {};   // values, as the next ones templates
    std::vector<std::string> group_by = {};  // such as "{key}"
    std::unique_ptr<codec::Schema> schema = nullptr;
  };

  static constexpr std::size_t kMaxBytes = 1 << 20;  // of a batch's body, and of a record

  explicit HotPath(Options options)
      : pool_(options.format, meter_, kIdleBytes),
        codec_(kMaxBytes, codec::NullPolicy::dead_letter, std::move(options.schema)),
        router_(TextTemplate::parse(options.path).value(), parsed(options.headers),
                parsed(options.group_by)),
        strands_(of_, strands_options(options), codec_, router_, pool_) {}

  // As Session::take_record(). False: it was rejected.
  bool take(const RecordView& record) {
    if (ledger_.finished_before(record.offset)) return false;
    const Ticket ticket = ledger_.add(record.offset);
    return std::holds_alternative<batch::Added>(strands_.add(record, ticket, now_));
  }
  // As Session::start_batches(): null where no batch is closed that may go.
  std::unique_ptr<batch::Batch> next_batch() {
    strands_.close_due(now_);
    return strands_.take_next();
  }
  // As Session::delivered().
  void delivered(const batch::Batch& batch, batch::Range records) {
    for (std::size_t i = records.first; i < records.last; ++i) {
      ledger_.complete(batch.entry(i).ticket);
    }
  }
  // As Session::finished().
  void finished(std::unique_ptr<batch::Batch> batch) {
    strands_.finished(*batch);
    pool_.give_back(std::move(batch));
  }
  // Whatever its linger.
  void close_all() { strands_.close_due(Instant::max()); }

  const TopicPartition& of() const { return of_; }
  batch::MemoryMeter& meter() { return meter_; }
  batch::BatchPool& pool() { return pool_; }
  const commit::Ledger& ledger() const { return ledger_; }
  Instant now() const { return now_; }

 private:
  static constexpr std::size_t kIdleBytes = 16 << 20;

  static std::vector<TextTemplate> parsed(const std::vector<std::string>& texts) {
    std::vector<TextTemplate> templates;
    for (const auto& text : texts) templates.push_back(TextTemplate::parse(text).value());
    return templates;
  }
  static batch::Strands::Options strands_options(const Options& options) {
    batch::Strands::Options made;
    made.batch = {options.records, kMaxBytes, std::chrono::milliseconds(100)};
    made.key_shards = made.at_once = options.key_shards;
    return made;
  }

  const TopicPartition of_{"events.deposit", 3};
  const Instant now_{std::chrono::hours(1)};
  batch::MemoryMeter meter_;
  batch::BatchPool pool_;
  codec::RecordCodec codec_;
  codec::Router router_;
  batch::Strands strands_;
  commit::Ledger ledger_;
};

// As many as Session takes between two looks at what may be sent.
constexpr std::size_t kRecordsPerTurn = 1000;

// `count` records into batches, in turns; `send` is called after each, and returns how many
// requests it made of them. Returns their sum.
template <typename Send>
std::size_t take_in_turns(HotPath& path, EndlessRecords& records, std::size_t count, Send send) {
  std::size_t requests = 0;
  for (std::size_t taken = 0; taken < count;) {
    const std::size_t turn = std::min(count - taken, kRecordsPerTurn);
    for (std::size_t i = 0; i < turn; ++i) path.take(records.next());
    taken += turn;
    requests += send();
  }
  return requests;
}

// From the consumer to the commit point, with an API that takes all at once. The batches are
// framed, as to be sent. Returns how many there were.
inline std::size_t flow(HotPath& path, EndlessRecords& records, std::size_t count) {
  return take_in_turns(path, records, count, [&path] {
    std::size_t batches = 0;
    while (auto batch = path.next_batch()) {
      batch->body().frame(0, batch->size());
      path.delivered(*batch, batch->all());
      path.finished(std::move(batch));
      ++batches;
    }
    return batches;
  });
}

}  // namespace sluice::bench
