// What every administrative call of librdkafka needs.
#pragma once

#include <functional>
#include <string>

#include "support/rdkafka_handles.h"

namespace sluice::test {

// A client of `brokers` and the result of the one call that `ask` makes. Throws, with `what` in
// front, where there is none; the results of its single items are still to be looked at.
struct AdminCall {
  AdminCall(const std::string& brokers, const std::string& what,
            const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& ask);

  RdKafka client;
  RdEvent result = nullptr;
};

// The same with a client that is there.
RdEvent admin_result(rd_kafka_t* client, const std::string& what,
                     const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& ask);

}  // namespace sluice::test
