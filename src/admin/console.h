// The console: one page for people over /status, in the binary with all it needs.
#pragma once

#include <span>
#include <string_view>

namespace sluice::admin {

// What a browser may do with it: load its own parts, ask this port, and nothing else; no script can
// make markup from text (https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/).
inline constexpr char kConsolePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

struct ConsoleFile {
  std::string_view path;  // of its URL
  const char* type;       // Content-Type
  std::string_view body;
};

// The page is the one at "/". Made from src/admin/console/ by CMake.
std::span<const ConsoleFile> console_files();

// nullptr: there is none at this path.
const ConsoleFile* find_console_file(std::string_view path);

}  // namespace sluice::admin
