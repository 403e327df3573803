// The rows as text, at most 80 columns wide, as a terminal is that nobody has made larger.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "demo/overview.h"

namespace sluice::demo {

inline constexpr std::size_t kColumns = 80;

// A heading, a line for each pipeline and one for their sum; then why the first pipeline that
// stands still does, and `warning` where there is one. Every line ends in a line break.
std::string table(const std::vector<PipelineRow>& rows, std::string_view warning, bool colour);

}  // namespace sluice::demo
