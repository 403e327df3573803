// Partitions by name, for people.
#pragma once

#include <string>
#include <vector>

#include "base/record.h"

namespace sluice::pipeline {

inline std::string names(const std::vector<TopicPartition>& partitions) {
  std::string all;
  for (const auto& of : partitions) {
    all += (all.empty() ? "" : " ") + of.topic + "/" + std::to_string(of.partition);
  }
  return all;
}

}  // namespace sluice::pipeline
