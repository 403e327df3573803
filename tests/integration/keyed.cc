#include "integration/keyed.h"

#include <algorithm>

namespace sluice::test {

KeyedFeed::KeyedFeed(const KafkaBroker& broker, const std::string& topic, std::int32_t partitions,
                     int keys, std::size_t padding)
    : topic_(topic),
      partitions_(partitions),
      keys_(keys),
      padding_(padding, 'x'),
      writer_(broker.brokers(), topic) {}

void KeyedFeed::add(std::int64_t each) {
  for (const std::int64_t end = each_ + each; each_ < end; ++each_) {
    for (std::int32_t partition = 0; partition < partitions_; ++partition) {
      for (int number = 0; number < keys_; ++number) {
        const std::string name = key(partition, number);
        const std::string value = R"({"id":")" + id(partition, number, each_) + R"(","tenant":")" +
                                  name + R"(","padding":")" + padding_ + R"("})";
        writer_.add(
            {.value = value, .key = name, .partition = partition, .headers = {{"tenant", name}}});
      }
    }
  }
  writer_.flush();
}

std::string KeyedFeed::key(std::int32_t partition, int number) {
  return "p" + std::to_string(partition) + "k" + std::to_string(number);
}

std::string KeyedFeed::id(std::int32_t partition, int key_number, std::int64_t number) const {
  return topic_ + "-" + key(partition, key_number) + "-" + std::to_string(number);
}

std::size_t KeyedFeed::count() const {
  return count_of_key() * static_cast<std::size_t>(partitions_) * static_cast<std::size_t>(keys_);
}

std::size_t taken_of(const RecordingApi& api, const std::string& topic, const std::string& key) {
  const std::string beginning = topic + "-" + key + "-";
  const auto taken = api.taken();
  return static_cast<std::size_t>(
      std::count_if(taken.lower_bound(beginning), taken.end(),
                    [&](const auto& entry) { return entry.first.starts_with(beginning); }));
}

bool holds_key(const SeenRequest& request, const std::string& key) {
  return request.body.find(R"("tenant":")" + key + '"') != std::string::npos;
}

}  // namespace sluice::test
