// The name of a request's content, for APIs that drop what they already have.
#pragma once

#include <string>
#include <string_view>

#include "base/record.h"
#include "batch/batch.h"

namespace sluice::batch {

// 32 hexadecimal digits: XXH3-128 over topic, partition, the body's format, and each record's
// offset and print (batch.h). The same for every attempt of the same records, here or after a
// restart; never the same for other content: offsets tell apart what one topic holds, and the body
// what a topic that was created anew holds at the same offsets. Not a secret and no proof against a
// forger.
std::string batch_id(std::string_view topic, std::int32_t partition, const Batch& batch,
                     Range range);

}  // namespace sluice::batch
