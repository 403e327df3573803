// Points at which a process of a test build ends itself as a power cut would, so that a harness can
// hit windows of microseconds. In a build without the CMake option SLUICE_FAILPOINTS, as every
// release is, passing one is nothing at all and the environment is not looked at.
//
// The one place of base that reads the environment and ends a process: every folder has points, and
// all of them may use base alone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sluice {

// Where; the names are of the environment variable, "record_polled" or "record_polled:3".
enum class Failpoint : std::uint8_t {
  record_polled,          // a record went from librdkafka into a batch that is not sent
  request_made,           // signed, not handed to http
  answer_received,        // the API answered, which has changed nothing yet
  outcome_noted,          // delivered or dead-lettered: the ledger has it, no commit was asked for
  commit_asked,           // handed to librdkafka
  commit_confirmed,       // the broker has it, the committer does not know yet
  dead_letter_written,    // handed to the producer
  dead_letter_confirmed,  // the broker has it, the ledger does not know yet
  draining,               // a stop or a rebalance: nothing more is started
  revoke_committed,       // a stop's or a rebalance's commit was waited for, nothing given back yet
};
inline constexpr std::array kAllFailpoints{
    Failpoint::record_polled,       Failpoint::request_made,          Failpoint::answer_received,
    Failpoint::outcome_noted,       Failpoint::commit_asked,          Failpoint::commit_confirmed,
    Failpoint::dead_letter_written, Failpoint::dead_letter_confirmed, Failpoint::draining,
    Failpoint::revoke_committed};
std::string_view to_string(Failpoint point);

// At which point to end, and which passing of it.
struct FailpointChoice {
  Failpoint point{};
  std::uint32_t count = 1;
};
// "<name>" or "<name>:<count>", count from 1.
Result<FailpointChoice> parse_failpoint(std::string_view text);

// Counts, whichever threads pass.
class FailpointCountdown {
 public:
  explicit FailpointCountdown(FailpointChoice choice) : point_(choice.point), left_(choice.count) {}
  // True for the chosen passing only.
  bool pass(Failpoint point) { return point == point_ && left_.fetch_sub(1) == 1; }

 private:
  const Failpoint point_;
  std::atomic<std::uint32_t> left_;
};

#ifdef SLUICE_FAILPOINTS
// Reads the environment's choice; call it once, before there are other threads. An error is a
// choice that is none.
Result<void> arm_failpoint();
// Does not return from the chosen passing.
void pass_failpoint(Failpoint point);
#else
inline Result<void> arm_failpoint() { return {}; }
inline void pass_failpoint(Failpoint /*point*/) {}
#endif

}  // namespace sluice
