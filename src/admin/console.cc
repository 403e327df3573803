#include "admin/console.h"

#include <algorithm>

namespace sluice::admin {

const ConsoleFile* find_console_file(std::string_view path) {
  const auto files = console_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [path](const ConsoleFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace sluice::admin
