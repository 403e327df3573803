// How an operator says what is to be done: the commands that messages and /status name.
#pragma once

#include <string>
#include <string_view>

#include "base/record.h"

namespace sluice::telemetry {

// `sluice act <action> <name>`; the name of a pipeline or target.
inline std::string act_command(std::string_view action, std::string_view name) {
  return "sluice act " + std::string(action) + ' ' + std::string(name);
}

// Of one partition.
inline std::string act_command(std::string_view action, std::string_view pipeline,
                               const TopicPartition& of) {
  return act_command(action, pipeline) + " --topic " + of.topic + " --partition " +
         std::to_string(of.partition);
}

}  // namespace sluice::telemetry
