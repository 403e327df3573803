// One member of a consumer group.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "kafka/options.h"

namespace sluice::kafka {

// "From the first record there is"; as a start position only.
inline constexpr std::int64_t kBeginning = -2;

struct PartitionOffset {
  TopicPartition partition;
  std::int64_t offset = 0;    // the next offset to read, or kBeginning
  std::string metadata = {};  // of a commit: kept beside the offset; no NUL, at most 4096 bytes
};

// A record as polled. Everything is borrowed until the next poll().
struct PolledRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  RecordView record;
};

struct ConsumerEvent {
  enum class Kind : std::uint8_t {
    assigned,         // `partitions` are ours once assign() was called
    revoked,          // finish with `partitions`, then call unassign()
    lost,             // they are no longer ours: no commit; then call unassign()
    partition_error,  // `partitions` holds one; it is fetched no more where out_of_range
    no_connection,    // to a broker; others may answer; librdkafka tries again by itself
    error,            // passing or not, librdkafka goes on by itself
    all_brokers_down,
    fatal,  // this consumer is dead, or lacks a thread: make a new one
  };
  Kind kind = Kind::error;
  std::vector<TopicPartition> partitions;
  bool out_of_range = false;  // of partition_error: the offset is not in the topic
  std::int64_t offset = 0;    // of out_of_range: which
  bool fenced = false;        // of fatal: another member has our instance id now
  bool refused = false;       // for who we are, or a right that is missing: `text` says which
  std::string text;           // for people
};

struct CommitResult {
  bool ok = false;
  std::string text;                 // why not
  bool metadata_too_large = false;  // that is why
};

// For one thread, but for the lookups (offset_lookup.h). A rebalance is only reported: librdkafka
// waits until assign() or unassign() is called, and the caller polls no records meanwhile.
class Consumer {
 public:
  // `wake_fd` is an eventfd that is written to when there may be something to poll.
  static Result<std::unique_ptr<Consumer>> create(const ConsumerOptions& options, int wake_fd);
  // Leaves without the group's knowledge if close() did not finish.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // To topics by name and by pattern ("^...", a POSIX extended regular expression); what a pattern
  // matches is looked up again every 30 s.
  Result<void> subscribe(const std::vector<std::string>& topics);
  // Leaves the group and joins it again at once, also as a static member: the group's partitions
  // are divided anew. All of ours are revoked first, as in any rebalance.
  Result<void> rejoin(const std::vector<std::string>& topics);

  // The next record, or null when there is none within `wait`. Whether or not there is one, events
  // may have come: take_events().
  const PolledRecord* poll(Duration wait = Duration::zero());
  // poll() has more to return that has left librdkafka: it is read to the end before anything is
  // done to the assignment, which would not reach it.
  bool holds_records() const;
  std::vector<ConsumerEvent> take_events();

  // Answers to a rebalance, by the group's protocol (eager or cooperative).
  Result<void> assign(const std::vector<PartitionOffset>& partitions);
  Result<void> unassign(const std::vector<TopicPartition>& partitions);

  // Pausing throws away what was prefetched of the partition.
  void pause(const TopicPartition& partition);
  void resume(const TopicPartition& partition);
  // Goes on elsewhere with a partition that is assigned, also where it is fetched no more.
  // `others`: all that are assigned besides, each with the next offset to read; where the group's
  // protocol is eager they start again, too. What was prefetched is thrown away.
  Result<void> move(const PartitionOffset& to, std::vector<PartitionOffset> others);

  // Starts a commit; its one result comes from commit_result(). The caller sees to it that none
  // overlaps another.
  Result<void> commit(const std::vector<PartitionOffset>& offsets);
  // Waits at most `wait` for the outstanding commit's result.
  std::optional<CommitResult> commit_result(Duration wait);

  // The end of the partition's log as the last fetch saw it; nullopt where nothing was fetched.
  std::optional<std::int64_t> known_log_end(const TopicPartition& partition) const;

  // Leaves the group: call start_close(), then serve_close() until it returns true. A rebalance
  // that comes of it is answered inside.
  void start_close();
  bool serve_close(Duration wait);

  struct Impl;
  // For offset_lookup only.
  const Impl& impl() const { return *impl_; }

 private:
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::kafka
