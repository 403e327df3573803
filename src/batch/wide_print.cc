#include "batch/wide_print.h"

#ifdef __x86_64__

#ifndef __AVX2__
#error "compiled without -mavx2: see src/CMakeLists.txt"
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sluice::batch {

std::uint64_t wide_print(const void* bytes, std::size_t size) { return XXH3_64bits(bytes, size); }

}  // namespace sluice::batch

#endif
