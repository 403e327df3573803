#include "integration/checked.h"

#include <chrono>
#include <fstream>
#include <sstream>

namespace sluice::test {

std::vector<CheckLine> Checked::lines() const {
  std::vector<CheckLine> found;
  std::istringstream stream(out);
  for (std::string text; std::getline(stream, text);) {
    std::istringstream words(text);
    CheckLine line;
    int milliseconds = -1;
    std::string unit;
    // The last line, the summary, has no time.
    if (!(words >> line.status >> milliseconds >> unit >> line.subject) || unit != "ms") continue;
    std::getline(words >> std::ws, line.text);
    found.push_back(line);
  }
  return found;
}

std::vector<std::string> Checked::of(const std::string& subject) const {
  std::vector<std::string> found;
  for (const CheckLine& line : lines()) {
    if (line.subject == subject) found.push_back(line.status + " " + line.text);
  }
  return found;
}

Checked run_sluice_on(const std::string& file, const std::vector<std::string>& command) {
  const TempDir dir;
  ChildProcess::Options options{.argv = {sluice_binary()},
                                .env = {},
                                .out_file = dir.path() / "out",
                                .err_file = dir.path() / "err"};
  options.argv.insert(options.argv.end(), command.begin(), command.end());
  options.argv.push_back(file);
  ChildProcess child(options);
  const auto status = child.wait(std::chrono::seconds(60));
  return {status ? status->code : -1, read_file(options.out_file), read_file(options.err_file)};
}

Checked run_sluice(const std::string& yaml, const std::vector<std::string>& command) {
  const TempDir dir;
  const auto file = dir.path() / "sluice.yaml";
  std::ofstream(file) << yaml;
  return run_sluice_on(file.string(), command);
}

Checked check(const std::string& yaml, const std::vector<std::string>& flags) {
  std::vector<std::string> command = {"check", "--allow-literal-secrets"};
  command.insert(command.end(), flags.begin(), flags.end());
  return run_sluice(yaml, command);
}

}  // namespace sluice::test
