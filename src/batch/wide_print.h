// record_print() for processors that have AVX2: half the time. In a file of its own, which alone is
// compiled for them; so it includes nothing whose inline functions others might get from it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::batch {

// XXH3-64 of `size` bytes. To be called only where the processor has AVX2.
std::uint64_t wide_print(const void* bytes, std::size_t size);

}  // namespace sluice::batch
