#pragma once

#include <string>

#include "base/verdict.h"

namespace sluice::codec {

// Why a record will not be sent. `detail` is for people and goes into a dead-letter header: it
// names a position or a rule, never a piece of the payload.
struct Rejection {
  DeadLetterReason reason;
  std::string detail;
};

}  // namespace sluice::codec
