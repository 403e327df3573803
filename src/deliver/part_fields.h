// What every log line about a request says of its records.
#pragma once

#include <string>
#include <vector>

#include "deliver/delivery.h"
#include "telemetry/log.h"

namespace sluice::deliver {

// Of the delivery's part.
inline std::vector<telemetry::Field> part_fields(const std::string& pipeline,
                                                 const Delivery& delivery) {
  const auto part = *delivery.part();
  return {{"pipeline", pipeline},
          {"topic", delivery.partition.topic},
          {"partition", delivery.partition.partition},
          {"first_offset", delivery.batch->entry(part.first).offset},
          {"last_offset", delivery.batch->entry(part.last - 1).offset},
          {"batch_id", delivery.batch_id()}};
}

}  // namespace sluice::deliver
