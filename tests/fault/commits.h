// The commits of a trial over time.
#pragma once

#include <cstdint>
#include <vector>

#include "fault/judge.h"
#include "fault/records.h"
#include "fault/wrongs.h"

namespace sluice::fault {

// What one commit says.
struct CommitPoint {
  std::int64_t at_ms = 0;
  std::int64_t offset = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> kept = {};  // beyond it: [first, end)
  bool by_operator = false;
  bool by_reset = false;  // deleted with its topic

  bool covers(std::int64_t other) const;
};

class Commits {
 public:
  // Malformed metadata is one of the wrongs, and so is a commit of the operator that the broker did
  // not take: it would excuse what it did not cause. The operator's own carry whatever they like.
  Commits(const Evidence& evidence, Wrongs& wrongs);

  // Of one partition, in the order the broker took them.
  const std::vector<CommitPoint>& of(std::int32_t partition) const;
  std::int32_t partitions() const { return static_cast<std::int32_t>(points_.size()); }
  // Whether the last commit before that time covers the offset.
  bool covered(std::int32_t partition, std::int64_t offset, std::int64_t before_ms) const;

 private:
  std::vector<std::vector<CommitPoint>> points_;
};

// None goes back, and none covers a record that has no outcome yet.
void check_commits(const Commits& commits, const Records& records, Wrongs& wrongs);

// The most records of one partition that were taken and not covered, over all time.
std::size_t most_unconfirmed(const Commits& commits, const Records& records);

}  // namespace sluice::fault
