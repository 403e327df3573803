#include <iterator>
#include <utility>

#include "fault/scenario.h"

namespace sluice::fault {

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  // clang-format off
  const auto groups = {
      soak_scenarios,  // it lasts longest
      kill_scenarios,
      topic_scenarios,
      offset_scenarios,
      group_scenarios,
      gap_scenarios,
      http_scenarios,
      http_success_scenarios,
      http_record_scenarios,
      tls_scenarios,
      dead_letter_scenarios,
      broker_scenarios,
      cluster_scenarios,
      network_scenarios,
      name_scenarios,
      clock_scenarios,
      machine_scenarios,
      thread_scenarios,
      admin_scenarios,
      memory_scenarios,
      backlog_scenarios,
      chaos_scenarios,
  };
  // clang-format on
  for (const auto& group : groups) {
    std::vector<Scenario> some = group();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace sluice::fault
