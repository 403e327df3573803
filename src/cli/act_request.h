// The request that a line of `sluice act` asks for. Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace sluice::cli {

struct ActWords {
  std::string action = {};
  std::string name =
      {};  // of the pipeline or target; empty: none was given, as with all that follows
  std::string topic = {};
  std::string partition = {};
  std::string offset = {};
  std::string level = {};
};

// "pause|drain|...": all actions.
std::string action_names();

// "debug|info|warn|error"
std::string level_names();

// The path of the POST, with its query; the error says what is wrong with the line, and how to
// write it.
Result<std::string> act_path(const ActWords& words);

}  // namespace sluice::cli
