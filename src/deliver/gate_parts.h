// What a TargetGate keeps of those that meet at it. Plain data; private to the gate.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/verdict.h"
#include "deliver/breaker.h"
#include "deliver/budget.h"
#include "deliver/refusal_guard.h"
#include "deliver/turns.h"

namespace sluice::deliver {

// A breaker, and why it is not closed.
struct GateCircuit {
  Breaker breaker;
  StallReason reason = StallReason::breaker_open;
  std::string detail = {};
  WallTime since = {};  // of being closed, or of not being so
};

// A budget, and where those stand who wait for it.
struct GateScope {
  Budget budget;
  Turns::Stage stage;
};

// Where those stand who wait for other requests to end.
inline constexpr Turns::Stage kRoom = 0;

struct GatePipeline {
  std::string name;
  GateCircuit circuit;
  std::optional<RefusalGuard> guard;
  GateScope* path;         // null: none of its own
  Instant delivered = {};  // when its latest request that was delivered had been sent
  bool gave_up = false;    // a record, since then
  std::optional<Instant> forbidden = {};  // when its last 403 came
  std::string last_refusal = {};
  bool guard_logged = false;
};

struct GateMember {
  Turns::PipelineId pipeline = 0;
  std::function<void()> wake;
  std::size_t held = 0;    // partitions
  std::size_t of_all = 0;  // that its group holds
};

struct GateFlight {
  Turns::MemberId member = 0;
  Breaker::Permit pipeline;
  Breaker::Permit target;
};

}  // namespace sluice::deliver
