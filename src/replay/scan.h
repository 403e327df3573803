// Reads a dead-letter topic from its beginning to its present end.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/topic_reader.h"
#include "replay/catalog.h"
#include "replay/pace.h"

namespace sluice::replay {

// How long nothing may come from a broker before it is given up.
inline constexpr Duration kPatience = std::chrono::seconds(30);

// Polls with an end to its patience.
class Reading {
 public:
  Reading(kafka::RecordSource& source, const Clock& clock, Waiting& waiting)
      : source_(source), clock_(clock), waiting_(waiting), heard_at_(clock.now()) {}

  // Null: at the end. An error where the broker says nothing for kPatience, or where it is asked
  // to stop.
  Result<const kafka::PolledRecord*> next();
  // The same at the end, too: waits for what is written now.
  Result<const kafka::PolledRecord*> next_written();

 private:
  Result<const kafka::PolledRecord*> poll(bool stop_at_end);

  kafka::RecordSource& source_;
  const Clock& clock_;
  Waiting& waiting_;
  Instant heard_at_;
};

// `seen` is called with each record, after the catalog has it.
Result<void> scan(kafka::RecordSource& source, const Clock& clock, Waiting& waiting,
                  Catalog& catalog, const std::function<void(const kafka::PolledRecord&)>& seen);

// The value that a letter refers to, from a source that begins where the record was. An error where
// it is another record that stands there now, or none.
Result<std::string> fetch_value(kafka::RecordSource& source, const Clock& clock, Waiting& waiting,
                                const Letter& letter);

}  // namespace sluice::replay
