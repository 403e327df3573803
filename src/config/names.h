// Pure checks of names: what Kafka, HTTP or our own metrics and paths allow in them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::config {

// Of targets and pipelines; they stand in metrics, logs and member ids: 1 to 64 of
// [A-Za-z0-9_.-].
Result<std::string> parse_name(std::string_view text);
// Of static members; pipeline and worker are appended: 1 to 128 of [A-Za-z0-9_.-].
Result<std::string> parse_instance_id(std::string_view text);
// Kafka's rule.
Result<std::string> parse_topic(std::string_view text);
// "/^events\..*/": a POSIX extended regular expression that is tied to the beginning of a topic's
// name; returns what stands between the slashes.
Result<std::string> parse_topic_pattern(std::string_view text);
// 1 to 255 bytes without control characters.
Result<std::string> parse_group(std::string_view text);
// An HTTP header that may be added to a request: a token (RFC 9110), and none that frames the
// message or that the client sets itself.
Result<std::string> parse_header_name(std::string_view text);
// What ends up in a header or in the form of a token request: one line, no control characters.
Result<std::string> parse_line(std::string_view text);
// Names of headers are compared without regard to case (RFC 9110, 5.1).
bool same_header(std::string_view a, std::string_view b);
// An HTTP header of an answer, in lower case.
Result<std::string> parse_answer_header_name(std::string_view text);
// "/json/pointer", "key" or "header:NAME".
Result<std::string> parse_group_by(std::string_view text);
// RFC 6901, not the empty pointer.
Result<std::string> parse_json_pointer(std::string_view text);

}  // namespace sluice::config
