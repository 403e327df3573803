#include "batch/record_print.h"

// Inlined: the library, if it chooses among registers at all, takes the widest ones, which cost
// more than so few bytes do (docs/performance.md).
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "batch/wide_print.h"

namespace sluice::batch {

std::uint64_t record_print(std::string_view bytes) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") != 0) return wide_print(bytes.data(), bytes.size());
#endif
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace sluice::batch
