// Which memberships of a group were lost, as its broker tells.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fault/evidence.h"

namespace sluice::fault {

// Asks the broker all the time who is in the group. A member that was given up comes back under
// another id; one that only rebalances keeps its own. For groups that nobody else joins, and
// without static members.
class MemberWatch {
 public:
  // The group is whole.
  MemberWatch(std::string brokers, std::string group);
  ~MemberWatch();
  MemberWatch(const MemberWatch&) = delete;
  MemberWatch& operator=(const MemberWatch&) = delete;

  // Stops asking. For each id that was new: between the look without it and the one with it.
  std::vector<Span> losses();

 private:
  void watch();
  void look();

  const std::string brokers_;
  const std::string group_;
  std::set<std::string> known_;
  std::int64_t last_look_ms_ = 0;
  std::vector<Span> losses_;
  std::atomic<bool> enough_{false};
  std::thread thread_;
};

}  // namespace sluice::fault
