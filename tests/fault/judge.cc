#include "fault/judge.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fault/commits.h"
#include "fault/records.h"
#include "fault/wrongs.h"

namespace sluice::fault {
namespace {

std::string place(std::int32_t partition, std::int64_t offset) {
  return std::to_string(partition) + "/" + std::to_string(offset);
}

void check_bodies(const Evidence& evidence, const Records& records, Wrongs& wrongs) {
  std::unordered_map<std::string, std::uint64_t> hash_of;
  std::unordered_map<std::uint64_t, std::string> id_of;
  for (const SeenBatch& batch : evidence.batches) {
    if (batch.ids.empty()) wrongs.add("requests without a record", batch.batch_id);
    for (const std::string& id : batch.ids) {
      if (records.by_id(id) == nullptr) wrongs.add("records sent that nobody produced", id);
    }
    if (!batch.bytes_equal) wrongs.add("requests with other bytes than produced", batch.batch_id);
    if (hash_of.try_emplace(batch.batch_id, batch.body_hash).first->second != batch.body_hash) {
      wrongs.add("batch ids with two bodies", batch.batch_id);
    }
    if (id_of.try_emplace(batch.body_hash, batch.batch_id).first->second != batch.batch_id) {
      wrongs.add("bodies with two batch ids", batch.batch_id);
    }
  }
}

void check_letters(const Evidence& evidence, const Records& records, const Allowed& allowed,
                   Wrongs& wrongs) {
  for (const Letter& letter : evidence.letters) {
    const Fate* const fate = records.at(letter.partition, letter.offset, letter.at_ms);
    const std::string at = place(letter.partition, letter.offset);
    if (fate == nullptr) {
      wrongs.add("dead letters of records that nobody produced", at);
      continue;
    }
    if (!letter.id.empty() && letter.id != fate->record->id) {
      wrongs.add("dead letters that name another record's place", letter.id + " at " + at);
    }
    if (!letter.bytes_equal) wrongs.add("dead letters with other bytes than produced", at);
    if (!fate->record->poison && !allowed.healthy_dead) {
      wrongs.add("healthy records dead-lettered", fate->record->id);
    }
  }
}

// Records of a lane are first taken in the order they were produced.
void check_order(const Records& records, Wrongs& wrongs) {
  std::unordered_map<std::string, const Fate*> latest;
  for (const Fate& fate : records.all()) {
    if (fate.first_taken_ms == kNever) continue;
    const auto [it, is_first] = latest.try_emplace(fate.record->lane, &fate);
    if (is_first) continue;
    if (fate.first_taken_rank < it->second->first_taken_rank) {
      wrongs.add("records that overtook another of their lane",
                 fate.record->id + " before " + it->second->record->id);
    } else {
      it->second = &fate;
    }
  }
}

// How often something may happen again: whenever the trial had a loss in between, and besides as
// often as the scenario says.
class Excuses {
 public:
  Excuses(const Evidence& evidence, const Allowed& allowed)
      : losses_(evidence.losses), besides_(allowed.losses) {}

  // `used`: of those besides, by the same record or lane.
  bool excuse(std::int64_t from_ms, std::int64_t until_ms, std::size_t& used) const {
    const bool between = std::any_of(losses_.begin(), losses_.end(), [&](const Span& loss) {
      return loss.from_ms <= until_ms && from_ms <= loss.until_ms;
    });
    return between || ++used <= besides_;
  }

 private:
  const std::vector<Span>& losses_;
  const std::size_t besides_;
};

// Requests of one lane, in the order they came. What was not answered counts for nothing: the
// client may have given it up, and sent it again, while we were still at work.
class LaneInTime {
 public:
  // Earlier ones whose answers were still to come, each told once.
  std::vector<const SeenBatch*> meets(const SeenBatch& batch) {
    std::erase_if(under_way_,
                  [&](const UnderWay& other) { return other.batch->answered_ms <= batch.came_ms; });
    std::vector<const SeenBatch*> met;
    for (UnderWay& other : under_way_) {
      if (other.batch->request == batch.request || std::exchange(other.met, true)) continue;
      met.push_back(other.batch);
    }
    if (batch.answered) under_way_.push_back({&batch});
    return met;
  }
  std::size_t excused = 0;

 private:
  struct UnderWay {
    const SeenBatch* batch = nullptr;
    bool met = false;
  };
  std::vector<UnderWay> under_way_;
};

// A lane has one request at a time; the owner after a crash cannot know of one that still runs.
void check_overlaps(const Evidence& evidence, const Records& records, const Excuses& excuses,
                    Wrongs& wrongs) {
  std::unordered_map<std::string_view, LaneInTime> lanes;
  for (const SeenBatch& batch : evidence.batches) {
    std::set<std::string_view> its;
    for (const std::string& id : batch.ids) {
      if (const Fate* const fate = records.by_id(id)) its.insert(fate->record->lane);
    }
    for (const std::string_view lane : its) {
      LaneInTime& in_time = lanes[lane];
      for (const SeenBatch* const met : in_time.meets(batch)) {
        if (excuses.excuse(met->came_ms, batch.came_ms, in_time.excused)) continue;
        wrongs.add("requests of a lane at the same time", batch.ids.front());
      }
    }
  }
}

class OutcomeCount {
 public:
  OutcomeCount(const Commits& commits, const Allowed& allowed, const Excuses& excuses,
               Wrongs& wrongs)
      : commits_(commits), allowed_(allowed), excuses_(excuses), wrongs_(wrongs) {}

  void add(const Fate& fate, bool gone) {
    ++figures_.produced;
    if (!fate.taken_in.empty()) ++figures_.delivered;
    if (fate.dead()) ++figures_.dead;
    if (fate.dead() && !fate.taken_in.empty()) {
      wrongs_.add("records both delivered and dead-lettered", fate.record->id);
    }
    count_repeats(fate);
    count_letters(fate);
    if (fate.outcome_ms() == kNever) count_missing(*fate.record, gone);
  }

  Figures figures() const { return figures_; }

 private:
  void count_missing(const Produced& record, bool gone) {
    if (gone) {
      ++figures_.gone;
      if (!allowed_.gone) wrongs_.add("records that Kafka deleted unread", record.id);
    } else if (commits_.covered(record.partition, record.offset, kNever)) {
      ++figures_.lost;
      wrongs_.add("records lost", record.id + " (" + place(record.partition, record.offset) + ")");
    } else {
      ++figures_.uncommitted;
      if (!allowed_.uncommitted) wrongs_.add("records that were not read again", record.id);
    }
  }

  // Kafka confirmed each of them, and a producer of ours writes nothing twice.
  void count_letters(const Fate& fate) {
    std::size_t excused = 0;
    for (std::size_t i = 1; i < fate.letters_ms.size(); ++i) {
      if (!excuses_.excuse(fate.letters_ms[i - 1], fate.letters_ms[i], excused)) {
        wrongs_.add("records dead-lettered again", fate.record->id);
      }
      if (commits_.covered(fate.record->partition, fate.record->offset, fate.letters_ms[i])) {
        wrongs_.add("records dead-lettered again after they were committed", fate.record->id);
      }
    }
  }

  void count_repeats(const Fate& fate) {
    std::size_t excused = 0;
    for (std::size_t i = 1; i < fate.taken_in.size(); ++i) {
      const SeenBatch& again = *fate.taken_in[i];
      const SeenBatch& before = *fate.taken_in[i - 1];
      const bool untold = !before.told;
      ++(untold ? figures_.untold : figures_.repeated);
      if (!untold && !excuses_.excuse(before.came_ms, again.came_ms, excused)) {
        wrongs_.add("records delivered again", fate.record->id);
      }
      if (commits_.covered(fate.record->partition, fate.record->offset, again.came_ms)) {
        wrongs_.add("records delivered again after they were committed", fate.record->id);
      }
    }
  }

  const Commits& commits_;
  const Allowed& allowed_;
  const Excuses& excuses_;
  Wrongs& wrongs_;
  Figures figures_;
};

}  // namespace

Judgement judge(const Evidence& evidence, const Allowed& allowed) {
  Wrongs wrongs;
  const Records records(evidence);
  const Commits commits(evidence, wrongs);
  const Excuses excuses(evidence, allowed);
  check_bodies(evidence, records, wrongs);
  check_letters(evidence, records, allowed, wrongs);
  if (!allowed.disorder) {
    check_order(records, wrongs);
    check_overlaps(evidence, records, excuses, wrongs);
  }
  check_commits(commits, records, wrongs);

  OutcomeCount outcomes(commits, allowed, excuses, wrongs);
  for (const Fate& fate : records.all()) outcomes.add(fate, records.gone(fate));
  Figures figures = outcomes.figures();
  figures.requests = evidence.batches.size();
  figures.commits = evidence.commits.size();
  figures.most_unconfirmed = most_unconfirmed(commits, records);
  if (figures.most_unconfirmed > allowed.unconfirmed_records) {
    wrongs.add("partition with too many unconfirmed records",
               std::to_string(figures.most_unconfirmed) + " of at most " +
                   std::to_string(allowed.unconfirmed_records));
  }
  return {.figures = figures, .wrongs = wrongs.in_words()};
}

}  // namespace sluice::fault
