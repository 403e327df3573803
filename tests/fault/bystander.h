// A member of a trial's group that is not Sluice: it is given partitions, sends nothing, commits
// nothing and leaves. Its coming and its going take every partition away from the others.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "support/rdkafka_handles.h"

namespace sluice::fault {

class Bystander {
 public:
  // `topic`: any; of another one than the trial's it is given nothing.
  Bystander(const std::string& brokers, const std::string& group, const std::string& topic);
  ~Bystander();
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;

 private:
  test::RdKafka client_;
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

// Takes a member out of its group, as its coordinator does with one that has died: a LeaveGroup in
// its name. Throws std::runtime_error when the coordinator, the one broker, does not.
void evict(const std::string& broker, const std::string& group, const std::string& member_id);

}  // namespace sluice::fault
