// Decides when which commit goes out. Pure: the worker carries its decisions to the broker.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "commit/metadata.h"

namespace sluice::commit {

struct CommitItem {
  LaneId lane = 0;
  std::int64_t offset = 0;  // the next offset to read
  // For the caller to fill in before it calls sent().
  std::string metadata = {};               // what finished beyond the offset
  std::vector<std::uint64_t> covers = {};  // the unconfirmed batches that this commit covers

  bool operator==(const CommitItem&) const = default;
};

// At most one commit is outstanding, each goes only forward, and one goes out whenever none is
// outstanding, there is something new to say, and the one before went out kPace ago or the caller
// is in a hurry; after a failure it waits. The broker takes a lower commit without a word, so this
// order is what keeps commits from going back. Not thread-safe.
class Committer {
 public:
  // Waits after the first, second, ... failure in a row; the last one repeats.
  static constexpr Duration kFirstRetry = std::chrono::milliseconds(100);
  static constexpr Duration kLastRetry = std::chrono::seconds(5);
  // Without it a busy worker commits a thousand times a second, which costs the brokers more than
  // its records do.
  static constexpr Duration kPace = std::chrono::milliseconds(10);

  // `committed`: what the broker already holds for it, if known.
  void add_lane(LaneId lane, std::optional<std::int64_t> committed);
  // The lane left its worker: it is in no later commit, and a late confirmation is ignored.
  void remove_lane(LaneId lane);

  // The ledger's commit point of a lane; unknown lanes are ignored.
  void update(LaneId lane, std::int64_t commit_point);

  // More is finished beyond the lane's commit point: said with the next commit, which goes out
  // though the point stayed where it is, as long as any point or committed offset is known.
  void note_ahead(LaneId lane);

  // What waits for a commit is about to hold up sending: the next one goes out without regard to
  // kPace.
  void hurry() { hurried_ = true; }

  // What to commit now; empty when a commit is outstanding, kPace or a failure's wait is not over,
  // or there is nothing new. The caller fills in the rest of each item (a commit replaces the
  // metadata of the one before, so none may be left out), calls sent() and reports exactly one
  // result.
  std::vector<CommitItem> next(Instant now) const;
  // next() without regard to any wait: for a revoke or a stop.
  std::vector<CommitItem> next_at_once() const;
  // next(), but without regard to kPace, and says again what is old for lanes without news: its
  // confirmation proves that this process is still a member. Lanes of which nothing was ever
  // committed are left out.
  std::vector<CommitItem> next_restating(Instant now) const;

  // These items, as filled in, are on their way: a commit is outstanding.
  void sent(std::vector<CommitItem> items, Instant now);

  // Returns what was sent of the lanes that are still here.
  std::vector<CommitItem> confirmed();
  void failed(Instant now);
  // Failed since the broker takes less metadata than was in it: the limit is halved until it is
  // below what was sent, and next() has the same at once. False where none was sent: it failed
  // like any other.
  bool metadata_too_large(Instant now);

  // How many bytes of metadata each item may have.
  std::size_t metadata_limit() const { return metadata_limit_; }

  bool outstanding() const { return outstanding_; }
  // The broker has confirmed all there is to say of the lane.
  bool settled(LaneId lane) const;
  // Failures since the last confirmation.
  std::uint32_t failures() const { return failures_; }
  // When next() may have something that it had not at `asked`, although nothing else happens;
  // nullopt: never.
  std::optional<Instant> deadline(Instant asked) const;
  std::optional<std::int64_t> committed(LaneId lane) const;

 private:
  struct Lane {
    std::optional<std::int64_t> committed;
    std::optional<std::int64_t> point;
    bool ahead = false;       // something is new beyond the point
    bool ahead_sent = false;  // in the outstanding commit
    bool news() const;
    // Where a commit of this lane stands; nullopt: nowhere yet.
    std::optional<std::int64_t> offset() const { return std::max(committed, point); }
  };

  void forget_sent();
  // The end of both waits.
  std::optional<Instant> not_before() const {
    return hurried_ ? retry_at_ : std::max(retry_at_, paced_until_);
  }

  std::map<LaneId, Lane> lanes_;
  std::vector<CommitItem> sent_;
  bool outstanding_ = false;
  std::uint32_t failures_ = 0;
  std::size_t metadata_limit_ = kMostMetadata;
  std::optional<Instant> retry_at_;  // after a failure
  std::optional<Instant> paced_until_;
  bool hurried_ = false;
};

}  // namespace sluice::commit
