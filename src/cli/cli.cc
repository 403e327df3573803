#include "cli/cli.h"

#include <cstdio>
#include <sstream>

#include <CLI/CLI.hpp>

#include "cli/command_line.h"
#include "cli/mistake.h"
#include "cli/standard_streams.h"

namespace sluice::cli {
namespace {

int complain(const Error& mistake) {
  std::fprintf(stderr, "sluice: %s\n", mistake.text().c_str());
  return kBadInput;
}

int say(const CLI::App& app, const CLI::ParseError& help) {
  std::ostringstream text;
  const int code = app.exit(help, text, text);
  print(text.str());
  return code;
}

// Whether all that was said could be written is not known yet.
int run_unfinished(int argc, char** argv, const Clock& clock, std::uint64_t seed) {
  CommandLine commands;
  CLI::App& app = commands.app();
  if (const auto mistake = find_mistake(app, argc, argv)) return complain(*mistake);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and the version come as errors, too.
    if (error.get_exit_code() == 0) return say(app, error);
    return complain(mistake_of(error, named_command(app, argc, argv)));
  }
  return commands.run(clock, seed);
}

}  // namespace

int run_command_line(int argc, char** argv, const Clock& clock, std::uint64_t seed) {
  return finish_output(run_unfinished(argc, argv, clock, seed));
}

}  // namespace sluice::cli
