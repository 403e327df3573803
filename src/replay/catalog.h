// The letters of one dead-letter topic, and what became of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/record.h"
#include "replay/filter.h"
#include "replay/letter.h"
#include "replay/receipt.h"

namespace sluice::replay {

class Catalog {
 public:
  // Only letters that fit are kept; receipts are, whatever they are of.
  explicit Catalog(Filter filter) : filter_(std::move(filter)) {}

  // A record of the topic, in the order of offsets within its partition.
  void add(std::int32_t partition, const RecordView& record);

  // In the order they were added.
  const std::vector<Letter>& letters() const { return letters_; }
  const ReceiptBook& receipts() const { return receipts_; }
  // Records of the topic that are neither letters nor receipts.
  std::size_t foreign() const { return foreign_; }

  // Of each letter. One that has no receipts shares those of another letter of its record that were
  // written after it: after a crash a record may be dead-lettered a second time.
  std::vector<LetterState> states() const;

 private:
  Filter filter_;
  std::vector<Letter> letters_;
  ReceiptBook receipts_;
  std::size_t foreign_ = 0;
};

// What a replay is to do.
struct Wish {
  bool uncertain = false;  // also those that an earlier replay did not end
  bool force = false;      // also those that were replayed kMostReplays times
  std::size_t limit = 0;   // at most so many; 0: all
};

inline constexpr std::uint32_t kMostReplays = 3;

struct Planned {
  Letter letter;
  std::string after;  // the run that has it; empty: none
};

struct Plan {
  std::vector<Planned> letters;  // by partition and offset
  std::vector<Letter> unsure;    // left since they are uncertain
  std::size_t replayed = 0;      // left since that is done
  std::size_t copies = 0;        // left since another letter of their record is replayed
  std::size_t looping = 0;       // left since they come back whenever they are replayed
  std::size_t beyond_limit = 0;
};

Plan make_plan(const Catalog& catalog, const Wish& wish);

}  // namespace sluice::replay
