// Reconciles the evidence of a trial record by record. Pure: tests/fault/judge_test.cc puts each
// wrong in and sees it found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fault/evidence.h"

namespace sluice::fault {

// What a scenario may cost. What is promised always needs no word here.
struct Allowed {
  // Memberships lost besides the losses of the evidence, and whenever: for each loss what no
  // confirmed commit covered may go out once more, and a request may meet one of the owner before.
  std::size_t losses = 0;
  // Of each partition: records of the unconfirmed batches (max_unconfirmed_batches times
  // batch.max_records).
  std::size_t unconfirmed_records = 0;
  bool gone = false;             // records that Kafka deleted before they could be read
  bool uncommitted = false;      // the trial ends with records that are not committed
  bool healthy_dead = false;     // dead letters of records that are no poison
  bool disorder = false;         // `order: none`
  double recovery_seconds = 30;  // from the end of the fault until a fresh record of each partition
};

struct Figures {
  std::size_t produced = 0;
  std::size_t delivered = 0;  // different records
  std::size_t repeated = 0;   // deliveries beyond the first that followed a told one
  std::size_t untold = 0;     // deliveries whose answer did not arrive, so that they went again
  std::size_t dead = 0;       // different records in the dead-letter topic
  std::size_t gone = 0;
  std::size_t uncommitted = 0;
  std::size_t lost = 0;
  std::size_t requests = 0;
  std::size_t commits = 0;
  std::size_t most_unconfirmed = 0;  // records of one partition, at the worst moment
};

struct Judgement {
  Figures figures;
  std::vector<std::string> wrongs;  // in plain words, some of each kind; empty: all is well
};

Judgement judge(const Evidence& evidence, const Allowed& allowed);

}  // namespace sluice::fault
