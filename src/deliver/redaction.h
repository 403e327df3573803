// What an answer says, without what we proved ourselves with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::deliver {

// The beginning of `text`: at most `limit` bytes. APIs that echo a request echo its credentials, so
// where one of the `secrets` stands, or its first 8 bytes or more, there is "[redacted]" instead;
// also where it is escaped as in JSON, a URL or HTML, and where the limit would cut it.
std::string redacted(std::string_view text, std::size_t limit,
                     const std::vector<std::string>& secrets);

}  // namespace sluice::deliver
