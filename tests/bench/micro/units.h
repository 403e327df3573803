// What all of these benchmarks count.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace sluice::bench {

// What one turn of the loop handled.
inline void count_records(benchmark::State& state, std::size_t records, std::size_t bytes) {
  const auto turns = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(turns * static_cast<std::int64_t>(records));
  if (bytes > 0) state.SetBytesProcessed(turns * static_cast<std::int64_t>(bytes));
}

}  // namespace sluice::bench
