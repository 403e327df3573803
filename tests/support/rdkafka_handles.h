// librdkafka for tests: every raw handle has one owner, every error is an exception. Tests judge
// the product by this code, so it shares none of the product's.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace sluice::test {

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* pointer) const {
    Destroy(pointer);
  }
};

using RdKafka = std::unique_ptr<rd_kafka_t, Destroyer<rd_kafka_destroy>>;
using RdQueue = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using RdEvent = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using RdError = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;
using RdMessage = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using RdPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                     Destroyer<rd_kafka_topic_partition_list_destroy>>;
using RdMetadata = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;
using RdAdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;

inline constexpr int kCallTimeoutMs = 20'000;

inline void require(rd_kafka_resp_err_t code, const std::string& what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(what + ": " + rd_kafka_err2str(code));
  }
}

// A client that reconnects at once (the broker may be coming up) and logs nothing.
RdKafka make_client(rd_kafka_type_t type, const std::string& brokers,
                    const std::map<std::string, std::string>& properties = {},
                    void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr,
                    void* opaque = nullptr);

// All metadata when `topic` is empty.
RdMetadata fetch_metadata(rd_kafka_t* client, const std::string& topic, int timeout_ms);

// How many partitions `topic` has. Throws when it does not exist.
int partition_count(rd_kafka_t* client, const std::string& topic);

}  // namespace sluice::test
