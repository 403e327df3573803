// What --help says: a text of our own, the same whatever version of CLI11 there is.
#pragma once

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sluice::cli {

// Of one command: usage, arguments, options with their defaults, commands, and its footer (an
// example and exit codes). Ends in a line break.
std::string help_of(const CLI::App& app);
// For it and all that is added to it from now on.
void use_own_help(CLI::App& app);

// "sluice dlq list"
std::string full_name(const CLI::App& app);
// What a value is called in help: "FILE", "N", "none|outage".
std::string value_name(const CLI::Option& option);

}  // namespace sluice::cli
