// Dead letters of one worker on their way to their topic: why, from where, how often; done only
// when the broker confirmed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/record_writer.h"
#include "codec/envelope.h"
#include "config/config.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::dead_letter {

// A record that will not be delivered. Owns its bytes: its batch may go.
struct DeadLetter {
  LaneId lane = 0;
  Ticket ticket = 0;
  codec::DeadLetterOrigin origin;
  codec::DeadLetterCause cause;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<OwnedHeader> headers;

  // Of its record: what dead_letter.max_bytes bounds.
  std::size_t record_bytes() const;
  // Of memory, about: the record, the envelope and our own book-keeping.
  std::size_t bytes() const;
};

struct OutboxParts {
  RecordWriter& writer;
  // Hands a writer's result, which may come on any thread, over to the worker's thread. Outlives
  // every write.
  std::function<void(std::function<void()>)> post;
  const Clock& clock;
  telemetry::PipelineMetrics& metrics;
  telemetry::Log& log;
};

// Writes each letter until it is confirmed, however long that takes. While the topic cannot be
// written one letter at a time tries, and stalled() says why: the worker starts no batch then.
// A letter above max_bytes, or one the broker calls too large, follows the `oversized` policy.
// For the worker's thread only.
class Outbox {
 public:
  // Waits between tries while the topic cannot be written.
  static constexpr Duration kFirstRetry = std::chrono::seconds(1);
  static constexpr Duration kLastRetry = std::chrono::seconds(30);

  using Confirmed = std::function<void(LaneId, Ticket, DeadLetterReason)>;

  // `window`: bytes that are on their way at once (one letter always may be), so that all workers
  // together never fill the producer's queue.
  Outbox(config::DeadLetter options, std::size_t window, OutboxParts parts, Confirmed confirmed);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void set_window(std::size_t window) { window_ = window; }
  void add(DeadLetter letter);
  // The lane ended: its letters are forgotten, their confirmations change nothing.
  void forget(LaneId lane);
  // Tries again what is due.
  void advance(Instant now);
  std::optional<Instant> deadline() const;

  // Letters not yet confirmed, of one lane and of all.
  std::size_t pending(LaneId lane) const;
  std::size_t pending() const { return letters_.size(); }
  // How old the oldest record is, by lane: since its timestamp, else since its letter was added;
  // not below 0. Lanes without letters are left out.
  std::map<LaneId, Duration> oldest_ages() const;
  std::size_t bytes() const { return bytes_; }
  // Why nothing can be written, in plain words; nullopt while all is well.
  const std::optional<std::string>& stalled() const { return stalled_; }

 private:
  using LetterId = std::uint64_t;
  struct Pending {
    DeadLetter letter;
    Instant added_at{};
    bool writing = false;
    bool as_reference = false;  // without its value
  };
  // Shared with writes that outlive this object: null then.
  struct Handle {
    Outbox* outbox;
  };

  bool writing() const { return bytes_writing_ > 0; }
  bool too_large(const DeadLetter& letter) const;
  void write_or_wait(LetterId id, Pending& pending);
  void write(LetterId id, Pending& pending);
  void on_result(LetterId id, const WriteResult& result);
  void confirm(LetterId id, Pending& pending);
  void hold(LetterId id, Pending& pending, const std::string& why);
  void write_waiting();

  const config::DeadLetter options_;
  std::size_t window_;
  OutboxParts parts_;
  Confirmed confirmed_;
  std::map<LetterId, Pending> letters_;
  std::set<LetterId> waiting_;  // of these, those that nobody writes now
  std::size_t bytes_writing_ = 0;
  LetterId next_id_ = 1;
  std::size_t bytes_ = 0;
  std::optional<std::string> stalled_;
  std::uint32_t failures_ = 0;
  Instant retry_at_{};
  std::shared_ptr<Handle> handle_;
};

}  // namespace sluice::dead_letter
