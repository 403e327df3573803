#include "replay/catalog.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sluice::replay {
namespace {

bool by_place(const Letter& a, const Letter& b) { return a.place < b.place; }

// Leaves the last letter of each record, which says how it failed most lately.
std::size_t drop_copies(std::vector<Planned>& letters) {
  std::map<std::string, Place> last;
  for (const Planned& planned : letters) last[planned.letter.identity()] = planned.letter.place;
  return std::erase_if(letters, [&](const Planned& planned) {
    return last.at(planned.letter.identity()) != planned.letter.place;
  });
}

// Of the letters of each record, whichever letter they are of.
class LatestReceipts {
 public:
  explicit LatestReceipts(const ReceiptBook& book) {
    for (const auto& [place, entry] : book.entries()) {
      auto& times = of_[entry.record];
      auto& time = entry.state == LetterState::replayed ? times.replayed : times.begun;
      time = std::max(time, entry.since);
    }
  }

  // What they say of a letter that was there before them.
  LetterState state_since(const Letter& letter) const {
    const auto found = of_.find(letter.identity());
    if (found == of_.end()) return LetterState::waiting;
    if (found->second.replayed >= letter.written) return LetterState::replayed;
    return found->second.begun >= letter.written ? LetterState::uncertain : LetterState::waiting;
  }

 private:
  struct Times {
    WallTime begun = WallTime::min();
    WallTime replayed = WallTime::min();
  };
  std::map<std::string, Times> of_;
};

}  // namespace

void Catalog::add(std::int32_t partition, const RecordView& record) {
  if (const auto receipt = read_receipt(record)) {
    receipts_.note(*receipt);
  } else if (auto letter = read_letter(partition, record)) {
    if (filter_.fits(*letter)) letters_.push_back(std::move(*letter));
  } else {
    ++foreign_;
  }
}

std::vector<LetterState> Catalog::states() const {
  const LatestReceipts latest(receipts_);
  std::vector<LetterState> states;
  states.reserve(letters_.size());
  for (const Letter& letter : letters_) {
    const LetterState own = receipts_.of(letter.place).state;
    states.push_back(std::max(own, latest.state_since(letter)));
  }
  return states;
}

Plan make_plan(const Catalog& catalog, const Wish& wish) {
  Plan plan;
  const auto states = catalog.states();
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Letter& letter = catalog.letters()[i];
    if (states[i] == LetterState::replayed) {
      ++plan.replayed;
    } else if (states[i] == LetterState::uncertain && !wish.uncertain) {
      plan.unsure.push_back(letter);
    } else if (letter.replays >= kMostReplays && !wish.force) {
      ++plan.looping;
    } else {
      plan.letters.push_back({letter, catalog.receipts().of(letter.place).run});
    }
  }
  std::sort(plan.letters.begin(), plan.letters.end(),
            [](const Planned& a, const Planned& b) { return by_place(a.letter, b.letter); });
  std::sort(plan.unsure.begin(), plan.unsure.end(), by_place);
  plan.copies = drop_copies(plan.letters);
  if (wish.limit > 0 && plan.letters.size() > wish.limit) {
    plan.beyond_limit = plan.letters.size() - wish.limit;
    plan.letters.resize(wish.limit);
  }
  return plan;
}

}  // namespace sluice::replay
