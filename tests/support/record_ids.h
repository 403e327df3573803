#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

// Every test record is {"id":"<its id>",...}. The ids in a request's body of any format, or in a
// record's value, in the order they stand there.
std::vector<std::string> ids_in(std::string_view text);

}  // namespace sluice::test
