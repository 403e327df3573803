// Findings as people and as programs read them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "check/report.h"

namespace sluice::check {

// One line without its break; the subject is padded to `subject_width`.
std::string text_line(const Finding& finding, std::size_t subject_width);
// The last line.
std::string summary_line(const Report& report);

// {"file", "ok", "checks": [{"status", "subject", "detail", "remedy", "milliseconds"}]}
std::string json_document(const std::string& file, const std::vector<Finding>& findings);

}  // namespace sluice::check
