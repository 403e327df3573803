#include "fault/records.h"

#include <algorithm>

namespace sluice::fault {

Records::Records(const Evidence& evidence) : evidence_(evidence) {
  fates_.reserve(evidence.produced.size());
  for (const Produced& record : evidence.produced) {
    by_id_.emplace(record.id, fates_.size());
    by_place_[{record.partition, record.offset}].push_back(fates_.size());
    fates_.push_back({.record = &record});
  }
  for (auto& [place, indexes] : by_place_) {
    std::stable_sort(indexes.begin(), indexes.end(), [this](std::size_t a, std::size_t b) {
      return fates_[a].record->at_ms < fates_[b].record->at_ms;
    });
  }
  for (const SeenBatch& batch : evidence.batches) {
    if (batch.taken) add_taking(batch);
  }
  rank_takings();
  for (const Letter& letter : evidence.letters) {
    const Fate* const fate = at(letter.partition, letter.offset, letter.at_ms);
    if (fate == nullptr) continue;
    fates_[static_cast<std::size_t>(fate - fates_.data())].letters_ms.push_back(letter.at_ms);
  }
}

void Records::add_taking(const SeenBatch& batch) {
  for (const std::string& id : batch.ids) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) continue;
    Fate& fate = fates_[found->second];
    fate.taken_in.push_back(&batch);
    fate.first_taken_ms = std::min(fate.first_taken_ms, batch.done_ms);
  }
}

void Records::rank_takings() {
  std::vector<const SeenBatch*> taken;
  for (const SeenBatch& batch : evidence_.batches) {
    if (batch.taken) taken.push_back(&batch);
  }
  std::stable_sort(taken.begin(), taken.end(),
                   [](const auto* a, const auto* b) { return a->done_ms < b->done_ms; });
  std::size_t rank = 0;
  for (const SeenBatch* const batch : taken) {
    for (const std::string& id : batch->ids) {
      const auto found = by_id_.find(id);
      if (found == by_id_.end()) continue;
      std::size_t& its = fates_[found->second].first_taken_rank;
      if (its == 0) its = ++rank;
    }
  }
}

const Fate* Records::by_id(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &fates_[found->second];
}

const Fate* Records::at(std::int32_t partition, std::int64_t offset, std::int64_t time_ms) const {
  const auto found = by_place_.find({partition, offset});
  if (found == by_place_.end()) return nullptr;
  const Fate* last = nullptr;
  for (const std::size_t index : found->second) {
    if (fates_[index].record->at_ms <= time_ms) last = &fates_[index];
  }
  return last;
}

bool Records::gone(const Fate& fate) const {
  const Produced& record = *fate.record;
  const auto partition = static_cast<std::size_t>(record.partition);
  return record.log < evidence_.last_log || record.offset < evidence_.log_starts.at(partition) ||
         record.offset >= evidence_.log_ends.at(partition) ||
         at(record.partition, record.offset, kNever) != &fate;
}

}  // namespace sluice::fault
