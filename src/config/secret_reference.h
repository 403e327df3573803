// ${env:NAME}, ${file:/path}, ${dir:/path/KEY}, ${exec:command}: where a secret comes from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/command.h"
#include "config/secret.h"

namespace sluice::config {

inline constexpr std::size_t kMaxSecretBytes = std::size_t{64} * 1024;

// Whether `text` holds "${" anywhere: no plain value does.
bool holds_reference(std::string_view text);

// The value `text`, one whole reference, stands for; one newline at its end is cut off. Refused
// where it is empty, longer than kMaxSecretBytes, or holds a NUL byte. Errors name the reference
// and never what it stands for. Blocks: reads files, runs commands.
Result<Secret> resolve_reference(std::string_view text, const CommandLimits& limits = {});

// The file that `text` refers to; nullopt where it is no reference to one.
std::optional<std::string> referenced_file(std::string_view text);

}  // namespace sluice::config
