// `sluice check` as tests run it and read what it says.
#pragma once

#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_dir.h"

namespace sluice::test {

struct CheckLine {
  std::string status;
  std::string subject;
  std::string text;  // detail; remedy
};

struct Checked {
  int code = -1;  // -1: it did not end in time
  std::string out;
  std::string err;

  std::vector<CheckLine> lines() const;
  // Those of one subject, as "status text".
  std::vector<std::string> of(const std::string& subject) const;
};

// `command` is what stands between the program and the file, such as {"run"}.
Checked run_sluice_on(const std::string& file, const std::vector<std::string>& command);
// The same on a file of that content.
Checked run_sluice(const std::string& yaml, const std::vector<std::string>& command);
// `sluice check` with literal secrets allowed.
Checked check(const std::string& yaml, const std::vector<std::string>& flags = {});

}  // namespace sluice::test
