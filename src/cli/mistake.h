// What is wrong with a command line, in our words: CLI11 says little more than that something is.
#pragma once

#include <optional>

#include "base/result.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace sluice::cli {

// A command or an option that does not exist, with the nearest that does, or a command that is
// missing. nullopt: none of those, or help is asked for.
std::optional<Error> find_mistake(const CLI::App& app, int argc, const char* const* argv);

// The command that the arguments name; `app` where they name none.
const CLI::App& named_command(const CLI::App& app, int argc, const char* const* argv);

// What else CLI11 found, of `command`.
Error mistake_of(const CLI::ParseError& error, const CLI::App& command);

}  // namespace sluice::cli
