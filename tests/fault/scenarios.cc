#include <iterator>
#include <utility>

#include "fault/scenario.h"

namespace sluice::fault {

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const auto& group : {kill_scenarios}) {
    std::vector<Scenario> some = group();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace sluice::fault
