// What an operator wants of a worker.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/record.h"

namespace sluice::pipeline {

struct Action {
  enum class Kind : std::uint8_t {
    retry,        // suspect records are tried at once
    dead_letter,  // suspect records go to the dead-letter topic
    resume_from,  // the partition is read from another offset, which is committed
  };
  enum class From : std::uint8_t { earliest, latest, offset };

  Kind kind = Kind::retry;
  std::optional<TopicPartition> partition;  // nullopt: all; resume_from needs one
  From from = From::earliest;
  std::int64_t offset = 0;
};

struct ActionResult {
  std::size_t count = 0;    // of the suspects or partitions that it did something for
  std::string text = {};    // of resume_from, for people: what was done, or why not
  std::size_t waiting = 0;  // of a pause: records that were read and have no outcome yet
};

// Called once, on the worker's thread, or never where the worker ends first.
using ActionDone = std::function<void(const ActionResult& result)>;

}  // namespace sluice::pipeline
