// Records of many keys, and what an API took of each key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "integration/recording_api.h"
#include "support/kafka_broker.h"
#include "support/kafka_client.h"

namespace sluice::test {

// Writes records of so many keys to each partition of an empty topic, the keys by turns. The name
// of a key is in the record's key, in its header "tenant" and in its value (/tenant); an id is
// "<topic>-<key>-<number>", so that disorder() and overlaps() of a RecordingApi are by key.
class KeyedFeed {
 public:
  // `padding`: bytes of each value besides.
  KeyedFeed(const KafkaBroker& broker, const std::string& topic, std::int32_t partitions, int keys,
            std::size_t padding = 0);

  // To each key of each partition so many more; returns when the broker has them.
  void add(std::int64_t each);

  static std::string key(std::int32_t partition, int number);  // "p0k7"
  std::string id(std::int32_t partition, int key_number, std::int64_t number) const;
  // All records so far; of one key.
  std::size_t count() const;
  std::size_t count_of_key() const { return static_cast<std::size_t>(each_); }

 private:
  const std::string topic_;
  const std::int32_t partitions_;
  const int keys_;
  const std::string padding_;
  TopicWriter writer_;
  std::int64_t each_ = 0;
};

// How many different records of that key were taken.
std::size_t taken_of(const RecordingApi& api, const std::string& topic, const std::string& key);

// Whether a body has records of a key; a key here is as key() says.
bool holds_key(const SeenRequest& request, const std::string& key);

}  // namespace sluice::test
