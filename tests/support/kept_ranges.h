// What the metadata of Sluice's commits says (docs/adr/0011), read without Sluice's own code: tests
// judge the product by it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

// The offsets that are finished beyond the commit, as [first, end), in ascending order and apart
// from each other; none for an empty text. Throws std::runtime_error for any other text than Sluice
// writes with that commit of that partition.
std::vector<std::pair<std::int64_t, std::int64_t>> kept_ranges(std::string_view metadata,
                                                               const std::string& cluster_id,
                                                               const std::string& topic,
                                                               std::int32_t partition,
                                                               std::int64_t committed);

// A text that says so of the records from `first` to before `end`, as Sluice may write it.
std::string kept_text(const std::string& cluster_id, const std::string& topic,
                      std::int32_t partition, std::int64_t committed, std::int64_t first,
                      std::int64_t end);

}  // namespace sluice::test
