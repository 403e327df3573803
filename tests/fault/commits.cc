#include "fault/commits.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "support/kept_ranges.h"

namespace sluice::fault {
namespace {

std::string place(std::int32_t partition, std::int64_t offset) {
  return std::to_string(partition) + "/" + std::to_string(offset);
}

class OutcomeCheck {
 public:
  OutcomeCheck(const Records& records, std::int32_t partition, Wrongs& wrongs)
      : records_(records), partition_(partition), wrongs_(wrongs) {}

  void look(const CommitPoint& commit) {
    if (commit.offset < reached_) {  // other records may stand there now
      reached_ = 0;
      kept_.clear();
    }
    for (; reached_ < commit.offset; ++reached_) expect_outcome(reached_, commit);
    for (const auto& [first, end] : commit.kept) {
      for (std::int64_t offset = first; offset < end; ++offset) {
        if (kept_.insert(offset).second) expect_outcome(offset, commit);
      }
    }
  }
  void jump_to(std::int64_t offset) { reached_ = std::max(offset, std::int64_t{0}); }

 private:
  void expect_outcome(std::int64_t offset, const CommitPoint& commit) {
    const Fate* const fate = records_.at(partition_, offset, commit.at_ms);
    if (fate == nullptr || fate->outcome_ms() <= commit.at_ms || records_.gone(*fate)) return;
    wrongs_.add("committed before they had an outcome",
                fate->record->id + " (" + place(partition_, offset) + ")");
  }

  const Records& records_;
  const std::int32_t partition_;
  Wrongs& wrongs_;
  std::int64_t reached_ = 0;
  std::set<std::int64_t> kept_;
};

// Offsets of one partition that were taken and that no commit covers yet.
class Uncovered {
 public:
  void take(std::int64_t offset) {
    if (last_ == nullptr || !last_->covers(offset)) offsets_.insert(offset);
    most_ = std::max(most_, offsets_.size());
  }
  void commit(const CommitPoint& point) {
    last_ = &point;
    offsets_.erase(offsets_.begin(), offsets_.lower_bound(point.offset));
    for (const auto& [first, end] : point.kept) {
      offsets_.erase(offsets_.lower_bound(first), offsets_.lower_bound(end));
    }
  }
  std::size_t most() const { return most_; }

 private:
  const CommitPoint* last_ = nullptr;
  std::set<std::int64_t> offsets_;
  std::size_t most_ = 0;
};

using Taking = std::pair<std::int64_t, std::int64_t>;  // when, offset

std::vector<std::vector<Taking>> takings_by_partition(const Records& records,
                                                      std::int32_t partitions) {
  std::vector<std::vector<Taking>> all(static_cast<std::size_t>(partitions));
  for (const Fate& fate : records.all()) {
    if (fate.first_taken_ms == kNever) continue;
    all.at(static_cast<std::size_t>(fate.record->partition))
        .emplace_back(fate.first_taken_ms, fate.record->offset);
  }
  for (auto& takings : all) std::sort(takings.begin(), takings.end());
  return all;
}

std::size_t most_unconfirmed(const std::vector<CommitPoint>& points,
                             const std::vector<Taking>& takings) {
  Uncovered uncovered;
  auto point = points.begin();
  for (const auto& [time, offset] : takings) {
    for (; point != points.end() && point->at_ms <= time; ++point) uncovered.commit(*point);
    uncovered.take(offset);
  }
  return uncovered.most();
}

void read_kept(const Evidence& evidence, const test::Commit& commit, CommitPoint& point,
               Wrongs& wrongs) {
  try {
    point.kept = test::kept_ranges(commit.metadata, evidence.cluster_id, commit.topic,
                                   commit.partition, commit.offset);
  } catch (const std::runtime_error& error) {
    wrongs.add("commits with metadata that cannot be read",
               place(commit.partition, commit.offset) + ": " + error.what());
  }
}

}  // namespace

bool CommitPoint::covers(std::int64_t other) const {
  if (other < offset) return true;
  return std::any_of(kept.begin(), kept.end(), [other](const auto& range) {
    return range.first <= other && other < range.second;
  });
}

Commits::Commits(const Evidence& evidence, Wrongs& wrongs) : points_(evidence.log_ends.size()) {
  std::vector<OperatorCommit> by_operator = evidence.by_operator;
  for (const test::Commit& commit : evidence.commits) {
    const bool deleted = commit.offset < 0;  // all is read again
    CommitPoint point{.at_ms = commit.at_ms, .offset = std::max(commit.offset, std::int64_t{0})};
    const auto own = std::find_if(by_operator.begin(), by_operator.end(), [&](const auto& other) {
      return other.partition == commit.partition && other.offset == point.offset &&
             other.when.holds(commit.at_ms);
    });
    if (own != by_operator.end()) {
      point.by_operator = true;
      by_operator.erase(own);
    } else if (deleted) {
      point.by_reset = std::any_of(evidence.resets.begin(), evidence.resets.end(),
                                   [&](const Span& reset) { return reset.holds(commit.at_ms); });
    } else if (!commit.metadata.empty()) {
      read_kept(evidence, commit, point, wrongs);
    }
    points_.at(static_cast<std::size_t>(commit.partition)).push_back(std::move(point));
  }
  for (const OperatorCommit& missing : by_operator) {
    wrongs.add("commits of the operator that the broker did not take",
               place(missing.partition, missing.offset));
  }
}

const std::vector<CommitPoint>& Commits::of(std::int32_t partition) const {
  return points_.at(static_cast<std::size_t>(partition));
}

bool Commits::covered(std::int32_t partition, std::int64_t offset, std::int64_t before_ms) const {
  const std::vector<CommitPoint>& points = of(partition);
  const auto after =
      std::lower_bound(points.begin(), points.end(), before_ms,
                       [](const CommitPoint& point, std::int64_t t) { return point.at_ms < t; });
  return after != points.begin() && std::prev(after)->covers(offset);
}

// What the one kept that the next does not cover any more; -1: nothing.
std::int64_t forgotten(const CommitPoint& before, const CommitPoint& point) {
  for (const auto& range : before.kept) {
    const std::int64_t first = std::max(range.first, point.offset);
    const bool kept = first >= range.second ||
                      std::any_of(point.kept.begin(), point.kept.end(), [&](const auto& other) {
                        return other.first <= first && range.second <= other.second;
                      });
    if (!kept) return first;
  }
  return -1;
}

// Those of one partition.
class CommitCheck {
 public:
  CommitCheck(const Records& records, std::int32_t partition, Wrongs& wrongs)
      : outcomes_(records, partition, wrongs), partition_(partition), wrongs_(wrongs) {}

  void look(const CommitPoint& point) {
    if (point.by_operator) {
      outcomes_.jump_to(point.offset);
    } else {
      compare(point);
      outcomes_.look(point);
    }
    before_ = &point;
  }

 private:
  void compare(const CommitPoint& point) {
    if (before_ == nullptr || point.by_reset) return;
    if (point.offset < before_->offset) {
      wrongs_.add("commits that went back",
                  place(partition_, before_->offset) + " to " + std::to_string(point.offset));
      return;
    }
    const std::int64_t lost = forgotten(*before_, point);
    if (lost >= 0) {
      wrongs_.add("commits that forgot what was finished",
                  place(partition_, lost) + " at " + std::to_string(point.offset));
    }
  }

  OutcomeCheck outcomes_;
  const std::int32_t partition_;
  Wrongs& wrongs_;
  const CommitPoint* before_ = nullptr;
};

void check_commits(const Commits& commits, const Records& records, Wrongs& wrongs) {
  for (std::int32_t partition = 0; partition < commits.partitions(); ++partition) {
    CommitCheck check(records, partition, wrongs);
    for (const CommitPoint& point : commits.of(partition)) check.look(point);
  }
}

std::size_t most_unconfirmed(const Commits& commits, const Records& records) {
  const auto takings = takings_by_partition(records, commits.partitions());
  std::size_t most = 0;
  for (std::int32_t partition = 0; partition < commits.partitions(); ++partition) {
    most = std::max(most, most_unconfirmed(commits.of(partition),
                                           takings[static_cast<std::size_t>(partition)]));
  }
  return most;
}

}  // namespace sluice::fault
