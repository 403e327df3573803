// What Kafka knows of a trial, and what follows from all evidence without judging it.
#pragma once

#include <cstdint>
#include <string>

#include "fault/book.h"
#include "fault/evidence.h"

namespace sluice::fault {

struct Places {
  std::string brokers;
  std::string topic;
  std::string group;
  std::string dead_letter_topic;
};

// All of the evidence but what the API saw and the operator did. Throws std::runtime_error.
Evidence read_kafka(const Places& places, const Book& book);

// "p3" of "topic.0-p3-17".
std::string partition_in(const std::string& id);

// From `healed_ms` until of each partition a record was taken that was produced after it; -1:
// never.
double recovered_seconds(const Evidence& evidence, std::int64_t healed_ms);

}  // namespace sluice::fault
