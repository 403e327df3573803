// Records as the systems around a customer would write them.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "simulator/event_types.h"

namespace sluice::demo {

struct GeneratedRecord {
  std::uint64_t number = 0;  // 0, 1, 2 and so on over all types
  std::size_t type = 0;      // in simulator::kEventTypes
  std::string id;            // record_id.h
  std::string key;           // the user's id
  std::string value;
  bool bad = false;  // nobody should take it
};

// The same seed and times give the same records. For one thread.
class Generator {
 public:
  // One record in so many is bad, each time in another way.
  static constexpr std::uint64_t kBadEvery = 500;

  Generator(std::string account_id, std::string workspace_id, std::uint64_t seed);

  GeneratedRecord next(WallTime now);

 private:
  std::size_t pick_type();

  const std::string account_id_;
  const std::string workspace_id_;
  SeededRandom random_;
  std::uint64_t next_number_ = 0;
};

}  // namespace sluice::demo
