// The records of a trial as their producer knows them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fault/evidence.h"

namespace sluice::fault {

// JSON in the forms that a connector which rewrites it would change: space, escapes, long numbers.
// `id` is its first member. `padding`: bytes more. What the API refuses says so itself.
std::string record_value(std::string_view id, std::int64_t number, std::size_t padding,
                         bool poison);
bool is_poison(std::string_view body);

// Thread-safe.
class Book {
 public:
  // Before it is handed to Kafka, so that the API never sees a record it cannot look up.
  void write(const std::string& id, std::string value);
  // When Kafka has confirmed it. In the order of each lane.
  void confirm(Produced record);
  // Kafka does not have it any more, and nobody may be sent it: compaction.
  void withdraw(const std::unordered_set<std::string>& ids);

  // Empty for an id that is not there.
  std::string value_of(const std::string& id) const;
  // The body that a request of these records should have: a JSON array.
  std::string body_of(const std::vector<std::string>& ids) const;
  std::vector<Produced> confirmed() const;
  std::size_t confirmed_count() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> values_;
  std::vector<Produced> confirmed_;
};

}  // namespace sluice::fault
