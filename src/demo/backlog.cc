#include "demo/backlog.h"

#include <algorithm>

namespace sluice::demo {

Backlog::Backlog(std::size_t topics, std::size_t limit_bytes)
    : limit_bytes_(limit_bytes), topics_(topics) {}

void Backlog::written(std::size_t topic, std::size_t bytes) {
  Topic& to = topics_.at(topic);
  ++to.records;
  to.bytes += bytes;
}

void Backlog::finished(std::size_t topic, std::uint64_t records) {
  topics_.at(topic).finished = std::min(records, topics_.at(topic).records);
}

bool Backlog::full() const {
  return std::any_of(topics_.begin(), topics_.end(),
                     [this](const Topic& topic) { return full(topic); });
}

// Records of a topic are of one kind, so that their mean size is near to each.
bool Backlog::full(const Topic& topic) const {
  if (topic.records == 0) return false;
  const std::uint64_t mean = topic.bytes / topic.records;
  return (topic.records - topic.finished) * mean >= limit_bytes_;
}

}  // namespace sluice::demo
