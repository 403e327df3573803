// What finished beyond the commit point, as the text that Kafka keeps beside a committed offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commit/offset_range.h"

namespace sluice::commit {

// What a broker takes by default (offset.metadata.max.bytes).
inline constexpr std::size_t kMostMetadata = 4096;
// Any that says something has at least as many.
inline constexpr std::size_t kLeastMetadata = 32;

// Where offsets mean what they mean: in another cluster, or in a topic of another name, the same
// numbers are other records.
struct Origin {
  std::string cluster_id;
  std::string topic;
  std::int32_t partition = 0;
};

struct Metadata {
  std::string text;  // empty: there is nothing to say
  // The first finished offset that is not in it; the largest number where all of them are.
  std::int64_t covers_to = 0;
};

// At most `limit` (itself at most kMostMetadata) bytes. Where not all of `ahead` fits, its lowest
// offsets are kept. At the full limit that is all of 24,400 offsets however they are scattered, or
// the first 1,500 runs of up to 127 finished offsets with up to 127 others between them, whichever
// reaches further. `ahead`: in ascending order, apart from each other; what lies below
// `commit_point` is ignored.
Metadata encode(const Origin& origin, std::int64_t commit_point,
                const std::vector<OffsetRange>& ahead, std::size_t limit = kMostMetadata);

// The ranges, in ascending order, apart from each other, none below `committed`. nullopt for
// whatever was not made by encode() for this origin and offset: another tool's text, a commit that
// an operator moved, a topic that was made anew elsewhere.
std::optional<std::vector<OffsetRange>> decode(std::string_view text, const Origin& origin,
                                               std::int64_t committed);

}  // namespace sluice::commit
