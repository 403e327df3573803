// What librdkafka reports of a client's connections, for those who ask and get no answer. Private
// to this folder: include it from .cc files only.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/client_conf.h"
#include "kafka/handles.h"

namespace sluice::kafka {

// Filled by rd_kafka_poll() on the client whose opaque it is. Outlives it.
struct ConnectionWatch : ClientOpaque {
  std::vector<ConnectionError> errors;  // the latest, at most kMostErrors

  // Asking on is of no use: somebody refuses us, or shows a certificate that is not to be trusted.
  bool refused() const;

  static constexpr std::size_t kMostErrors = 64;
};

// Before the client is made with it.
void watch_connections(rd_kafka_conf_t* conf, ConnectionWatch& watch);

// Of `topic`, or of the brokers alone where it is null. Blocks for kProbeTimeout at most, and no
// longer than until somebody refuses us; the error says what the brokers answered instead.
Result<MetadataHandle> first_metadata(rd_kafka_t* client, rd_kafka_topic_t* topic,
                                      ConnectionWatch& watch);

}  // namespace sluice::kafka
