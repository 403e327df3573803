#include "batch/batch_id.h"

#include <xxhash.h>

#include <array>
#include <memory>
#include <vector>

namespace sluice::batch {
namespace {

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

template <class T>
void update(XXH3_state_t* state, const T& value) {
  XXH3_128bits_update(state, &value, sizeof value);
}

}  // namespace

std::string batch_id(std::string_view topic, std::int32_t partition, const Batch& batch,
                     Range range) {
  thread_local const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  update(state.get(), topic.size());  // lengths first: no two inputs run into one another
  XXH3_128bits_update(state.get(), topic.data(), topic.size());
  update(state.get(), partition);
  update(state.get(), batch.body().format());
  update(state.get(), range.size());
  thread_local std::vector<std::uint64_t> records;
  records.clear();
  for (std::size_t i = range.first; i < range.last; ++i) {
    records.push_back(static_cast<std::uint64_t>(batch.entry(i).offset));
    records.push_back(batch.entry(i).print);
  }
  XXH3_128bits_update(state.get(), records.data(), records.size() * sizeof(std::uint64_t));

  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state.get()));
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  id.reserve(2 * sizeof canonical.digest);
  for (const unsigned char byte : canonical.digest) {
    id += kDigits[byte >> 4];
    id += kDigits[byte & 15];
  }
  return id;
}

}  // namespace sluice::batch
