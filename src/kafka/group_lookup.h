// Who in the group reads what.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "kafka/consumer.h"

namespace sluice::kafka {

struct GroupAssignment {
  bool stable = false;                    // between rebalances; only then the rest is complete
  std::set<TopicPartition> owned;         // by any member
  std::vector<std::string> instance_ids;  // of static members
};

// May be called from another thread than the consumer's, while it lives; blocks for about
// kLookupTimeout at most.
Result<GroupAssignment> group_assignment(const Consumer& consumer, const std::string& group);

}  // namespace sluice::kafka
