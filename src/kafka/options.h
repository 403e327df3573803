// What the Kafka clients of this folder are made with.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sluice::kafka {

// librdkafka's own log lines, from any of its threads; level as in syslog (7 is debug).
using LogSink = std::function<void(int level, std::string_view text)>;

struct ClientOptions {
  std::vector<std::string> brokers;
  std::map<std::string, std::string> properties;  // passed through, last
  std::string client_id = "sluice";
  LogSink log;
};

struct ConsumerOptions {
  ClientOptions client;
  std::string group;
  std::optional<std::string> instance_id;  // static membership
  std::size_t prefetch_bytes = 16 << 20;
  // Topics that no pattern of a subscription matches, besides Kafka's own.
  std::vector<std::string> never_matched;
};

// 10 s unless the member is static (45 s: a restart has to fit in) or a property says otherwise.
Duration session_timeout(const ConsumerOptions& options);

// What the running library needs to be fast: a full prefetch queue sleeps one whole second below
// 2.2, so more is prefetched there.
std::size_t preferred_prefetch_bytes();

// Whether librdkafka knows and takes every property; the error names the one.
Result<void> check_properties(const ClientOptions& options);

// How many threads librdkafka starts for one client, before it knows of further brokers.
std::size_t threads_of_client(const ClientOptions& options);

int library_version();  // as rd_kafka_version(): 0x020002ff is 2.0.2
std::string library_version_text();
// What the running library's version costs, for the start-up log; empty for a good one.
std::vector<std::string> library_warnings(const ClientOptions& options);

}  // namespace sluice::kafka
