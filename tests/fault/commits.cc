#include "fault/commits.h"

#include <algorithm>
#include <set>
#include <stdexcept>

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
    if (commit.offset < reached_) reached_ = 0;  // other records may stand there now
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
    CommitPoint point{.at_ms = commit.at_ms, .offset = commit.offset};
    const auto own = std::find_if(by_operator.begin(), by_operator.end(), [&](const auto& other) {
      return other.partition == commit.partition && other.offset == commit.offset &&
             other.from_ms <= commit.at_ms;
    });
    if (own != by_operator.end()) {
      point.by_operator = true;
      by_operator.erase(own);
    } else if (!commit.metadata.empty()) {
      try {
        point.kept = test::kept_ranges(commit.metadata, evidence.cluster_id, commit.topic,
                                       commit.partition, commit.offset);
      } catch (const std::runtime_error& error) {
        wrongs.add("commits with metadata that cannot be read",
                   place(commit.partition, commit.offset) + ": " + error.what());
      }
    }
    points_.at(static_cast<std::size_t>(commit.partition)).push_back(std::move(point));
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

void check_commits(const Commits& commits, const Records& records, const Allowed& allowed,
                   Wrongs& wrongs) {
  for (std::int32_t partition = 0; partition < commits.partitions(); ++partition) {
    OutcomeCheck outcomes(records, partition, wrongs);
    std::int64_t highest = 0;
    for (const CommitPoint& point : commits.of(partition)) {
      if (point.by_operator) {
        outcomes.jump_to(point.offset);
        highest = point.offset;
        continue;
      }
      if (point.offset < highest && !allowed.commits_reset) {
        wrongs.add("commits that went back",
                   place(partition, highest) + " to " + std::to_string(point.offset));
      }
      highest = point.offset;
      outcomes.look(point);
    }
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
