#include "kafka/consumer_defaults.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace sluice::kafka {
namespace {

constexpr std::size_t kSmallestFetch = 1 << 20;
constexpr std::size_t kLargestFetch = 3 << 20;
constexpr std::size_t kMostQueued = 100'000;  // librdkafka's default

}  // namespace

std::map<std::string, std::string> consumer_defaults(const ConsumerOptions& options, int library) {
  const auto session =
      std::chrono::duration_cast<std::chrono::milliseconds>(session_timeout(options));
  std::map<std::string, std::string> defaults = {
      {"partition.assignment.strategy", "range,roundrobin"},
      {"heartbeat.interval.ms", "1000"},
      {"session.timeout.ms", std::to_string(session.count())},
      {"queued.max.messages.kbytes", std::to_string(options.prefetch_bytes / 1024)},
      // One response must not hold more than the queue it goes to; it is taken beyond that limit.
      // And less than what main() has the heap give back to the system at once, 4 MiB: else the
      // kernel clears every page of every response, half a microsecond a record.
      {"fetch.max.bytes",
       std::to_string(std::clamp(options.prefetch_bytes / 4, kSmallestFetch, kLargestFetch))},
      // Bytes are of values only, and librdkafka holds some 350 more for each record: without a
      // bound on their number small records would take several times the budget.
      {"queued.min.messages", std::to_string(std::min(kMostQueued, options.prefetch_bytes / 1024))},
      {"topic.metadata.refresh.interval.ms", "30000"},  // new partitions are seen within it
      {"reconnect.backoff.max.ms", "2000"},
  };
  if (library >= 0x020200ff) {
    defaults["fetch.queue.backoff.ms"] = "1";
  } else {
    defaults["fetch.message.max.bytes"] = "524288";
  }
  if (library >= 0x020400ff && library < 0x020a00ff) {
    // A topic whose id changes while the old one is cached, since it was made anew, leaves a freed
    // entry in the cache: a crash follows (issues 4778 and 4964 of librdkafka). So it is cached no
    // longer than librdkafka caches that one is missing. The price: it is asked for every second.
    defaults["metadata.max.age.ms"] = "100";
  }
  return defaults;
}

}  // namespace sluice::kafka
