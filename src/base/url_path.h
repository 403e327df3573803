// What keeps a request's path where it was configured to be.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

// Whether a segment of the path is "." or "..", also where its dots are written %2e: clients and
// servers resolve those, so that the request would leave what stands in front of them (RFC 3986,
// 5.2.4 and 6.2.2.2).
bool has_dot_segment(std::string_view path);

// Appends `text` as part of one segment: every byte but letters, digits, '-', '.', '_' and '~'
// percent-encoded (RFC 3986, 2.3), so '/' too.
void append_encoded(std::string_view text, std::string& out);

}  // namespace sluice
