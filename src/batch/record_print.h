// The print of a record's bytes, from which its batch gets an id.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::batch {

// XXH3-64 of `bytes`, on every processor the same. Pure.
std::uint64_t record_print(std::string_view bytes);

}  // namespace sluice::batch
