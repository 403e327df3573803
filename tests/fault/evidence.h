// What is known of a trial when it is over, told by everybody but Sluice: who wrote the records,
// the API that was sent them, and Kafka's own logs. Times are Unix milliseconds of one machine's
// clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/commit_history.h"

namespace sluice::fault {

// A record that Kafka has confirmed.
struct Produced {
  std::string id = {};    // unique in the trial
  std::string lane = {};  // records of one lane are to be delivered in the order they were produced
  std::string key = {};   // empty: none
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t at_ms = 0;
  int log = 0;          // of a topic that was deleted and made anew: which one, from 0
  bool poison = false;  // the API refuses it, whatever comes with it
};

// A request with records, or a POST without any.
struct SeenBatch {
  std::size_t request = 0;  // requests whose records had two fates stand here as two
  std::string batch_id = {};
  std::uint64_t body_hash = 0;
  bool bytes_equal = false;           // each record as it was produced, and nothing besides
  std::vector<std::string> ids = {};  // in the order of the body
  std::int64_t came_ms = 0;
  std::int64_t done_ms = 0;      // when its records were taken, or it was refused
  std::int64_t answered_ms = 0;  // when the answer began to be sent, if one was
  bool taken = false;            // the API has these records now
  bool answered = false;         // a whole answer was sent, and nothing on the way kept it back
  bool told = false;             // and it says that they were taken
};

struct Letter {
  std::int32_t partition = 0;  // of its record
  std::int64_t offset = 0;
  std::string id = {};       // whose value it has; empty where that was left out
  bool bytes_equal = false;  // key and value as they were produced, or the value's length
  std::int64_t at_ms = 0;    // when the broker appended it
};

struct Span {
  std::int64_t from_ms = 0;
  std::int64_t until_ms = 0;

  bool holds(std::int64_t time_ms) const { return from_ms <= time_ms && time_ms <= until_ms; }
};

// A request of nobody: the operator's hand on the commits.
struct OperatorCommit {
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // 0, too, where the commit was deleted
  Span when = {};           // the broker took it; else the trial did not do what it meant to
};

struct Evidence {
  std::vector<Produced> produced = {};  // in the order of each lane
  std::vector<SeenBatch> batches = {};  // in the order they came
  std::vector<Letter> letters = {};     // in the order of the log
  // Of the trial's topic, in the order the broker took them, deletions included.
  std::vector<test::Commit> commits = {};
  std::vector<OperatorCommit> by_operator = {};
  // Within each the trial played a death, or what may have cost a membership or requests under way.
  std::vector<Span> losses = {};
  // Within each Kafka may delete commits, since their topic went.
  std::vector<Span> resets = {};
  int last_log = 0;
  std::vector<std::int64_t> log_starts = {};  // of the last log, by partition, at the end
  std::vector<std::int64_t> log_ends = {};
  std::string cluster_id = {};
};

}  // namespace sluice::fault
