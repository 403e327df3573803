// Replays letters, and keeps receipts of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/record_writer.h"
#include "base/result.h"
#include "kafka/topic_reader.h"
#include "replay/catalog.h"
#include "replay/destination.h"
#include "replay/pace.h"

namespace sluice::replay {

struct Tally {
  std::size_t replayed = 0;
  std::size_t refused = 0;
  std::size_t uncertain = 0;
  std::size_t gone = 0;   // neither the letter nor the record it refers to is there any more
  std::size_t taken = 0;  // another replay has it
  std::optional<Error> stopped;

  std::size_t tried() const { return replayed + refused + uncertain + gone + taken; }
};

// The value of a letter that only refers to it; an error where it is no longer there.
using FetchValue = std::function<Result<std::string>(const Letter&)>;
// Told how each letter ended: "replayed", "refused", "uncertain", "gone" or "taken", and why.
using OnLetter = std::function<void(const Letter&, std::string_view ending, std::string_view why)>;

struct ReplayParts {
  std::string dead_letter_topic;
  std::string run;              // names this replay in its receipts; no other has the same
  kafka::RecordSource& values;  // reads the planned letters again
  kafka::RecordSource& log;     // stands at the end of what `receipts` was made of, and follows
  RecordWriter& writer;         // of receipts
  Destination& destination;
  const Clock& clock;
  Pace& pace;
  FetchValue fetch_value;
  OnLetter on_letter;
};

// In batches: claims its letters with receipts that are confirmed, brings those that no other
// replay claimed first, writes how each ended. Whenever it ends or is killed, every letter that may
// have arrived has a receipt, so that a second run leaves it alone.
class Replayer {
 public:
  Replayer(const Plan& plan, ReceiptBook receipts, ReplayParts parts);

  Tally run();

 private:
  Result<void> replay_batch(std::vector<LetterRecord> batch);
  Result<std::vector<LetterRecord>> next_batch();
  std::optional<LetterRecord> read_record(const kafka::PolledRecord& polled);
  Result<void> claim(const std::vector<LetterRecord>& batch);
  Result<void> write_receipts(ReceiptKind kind, const std::vector<const LetterRecord*>& letters);
  Result<void> follow_until(std::set<Place> claimed);
  void count(const Letter& letter, const Ended& ended);
  void note(std::size_t& counter, const Letter& letter, std::string_view ending,
            std::string_view why);

  std::map<Place, Planned> planned_;  // and not yet read
  ReceiptBook receipts_;
  ReplayParts parts_;
  Tally tally_;
};

}  // namespace sluice::replay
