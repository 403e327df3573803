// What a consumer is told where the user says nothing.
#pragma once

#include <map>
#include <string>

#include "kafka/consumer.h"

namespace sluice::kafka {

// librdkafka's properties by name. `library`: the version of librdkafka, as rd_kafka_version() has
// it: what it needs to work around depends on it.
std::map<std::string, std::string> consumer_defaults(const ConsumerOptions& options, int library);

}  // namespace sluice::kafka
