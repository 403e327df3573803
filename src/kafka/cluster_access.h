// What we may do, found out without doing it. Private to this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "kafka/cluster_probe.h"

namespace sluice::kafka {

// From 2.3 on librdkafka can ask brokers what we may do. Below, reading is tried and writing and
// joining are unknown. (Lists of access control are no help there: it drops the error that says
// that we may not see them.)

// The client is a consumer with enable.partition.eof.
Access may_read_topic(rd_kafka_t* client, const std::string& name);
Access may_write_topic(rd_kafka_t* client, const std::string& name);
Access may_join_group(rd_kafka_t* client, const std::string& name);

}  // namespace sluice::kafka
