// What the demonstration says in lines, pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "demo/overview.h"
#include "demo/reconciliation.h"

namespace sluice::demo {

// "7s  produced 13800  delivered 13310 ...  flowing", for where no table can be drawn.
std::string progress_line(Duration elapsed, const Tally& tally,
                          const std::vector<PipelineRow>& rows);

// What went on between two moments of a run.
struct Moment {
  Instant when;
  Tally tally;
  std::uint64_t throttled = 0;
};
std::string phase_summary(const Moment& from, const Moment& to);

// What is left over when all is done.
struct Leftover {
  std::uint64_t lost = 0;         // committed, and neither delivered nor dead-lettered
  std::uint64_t undelivered = 0;  // still in Kafka: whoever reads next delivers it
  std::uint64_t unconfirmed = 0;  // the broker never said that it has them: nobody knows
};
// `committed`: records of each type that the commits cover. `unconfirmed`: as the producer said
// before the tally was made.
Leftover leftover(const Tally& tally,
                  const std::array<std::uint64_t, simulator::kEventTypes.size()>& committed,
                  std::uint64_t unconfirmed);

// "produced 40000  delivered 39920  dead-lettered 80  0 lost  0 repeated", and what else is not 0.
std::string reconciliation_line(const Tally& tally, const Leftover& leftover);

// Whether every record is accounted for. Repeats are allowed: at least once is the promise.
bool reconciles(const Tally& tally, const Leftover& leftover);

// What does not reconcile, and why: lines for those who have to look into it. `rows`: the last
// state of the pipelines before they stopped.
std::string what_is_wrong(const Tally& tally, const Leftover& leftover,
                          const std::vector<PipelineRow>& rows);

}  // namespace sluice::demo
