#pragma once

#include <fstream>
#include <string>

#include "support/temp_dir.h"

namespace sluice::config {

// A folder for one test that files can be put into.
class ScratchDir : public test::TempDir {
 public:
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path() / name, std::ios::binary) << content;
    return (path() / name).string();
  }
};

}  // namespace sluice::config
