#include "kafka/topic_tail.h"

#include <utility>

#include "kafka/offset_lookup.h"

namespace sluice::kafka {
namespace {

// librdkafka assigns partitions only to a client that names a group; it never joins this one.
constexpr const char* kTailGroup = "sluice-tail";
constexpr std::size_t kPrefetchBytes = 4 << 20;
constexpr int kNoWakeFd = -1;  // poll() waits by itself

}  // namespace

TopicTail::TopicTail(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}

Result<std::unique_ptr<TopicTail>> TopicTail::open(const ClientOptions& client,
                                                   const std::vector<std::string>& topics) {
  ConsumerOptions options;
  options.client = client;
  options.group = kTailGroup;
  options.prefetch_bytes = kPrefetchBytes;
  auto consumer = Consumer::create(options, kNoWakeFd);
  if (!consumer) return tl::unexpected(consumer.error());
  const auto partitions = partitions_of(**consumer, topics);
  if (!partitions) return tl::unexpected(partitions.error());
  std::vector<PartitionOffset> from;
  for (const auto& partition : *partitions) from.push_back({partition, kBeginning});
  if (auto done = (*consumer)->assign(from); !done) return tl::unexpected(done.error());
  return std::unique_ptr<TopicTail>(new TopicTail(std::move(*consumer)));
}

const PolledRecord* TopicTail::poll(Duration wait) { return consumer_->poll(wait); }

std::vector<std::string> TopicTail::take_errors() {
  std::vector<std::string> errors;
  for (auto& event : consumer_->take_events()) errors.push_back(std::move(event.text));
  return errors;
}

}  // namespace sluice::kafka
