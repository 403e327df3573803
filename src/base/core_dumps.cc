#include "base/core_dumps.h"

#include <fstream>

namespace sluice {

// See core(5). Not PR_SET_DUMPABLE: it would also hide the process from its operators.
bool keep_memory_out_of_core_dumps() {
  std::ofstream filter("/proc/self/coredump_filter");
  filter << "0" << std::flush;
  return filter.good();
}

}  // namespace sluice
