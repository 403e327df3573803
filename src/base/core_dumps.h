// What a crash leaves behind.
#pragma once

namespace sluice {

// Leaves the memory of this process, in which credentials and records stand, out of core dumps, and
// of those of the programs it starts. Whoever needs all of it for once sets
// /proc/PID/coredump_filter back. False where that is not possible here.
bool keep_memory_out_of_core_dumps();

}  // namespace sluice
