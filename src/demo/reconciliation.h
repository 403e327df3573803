// What became of every single record, by its id.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>

#include "simulator/event_types.h"

namespace sluice::demo {

struct Tally {
  std::uint64_t produced = 0;       // in Kafka for sure: confirmed, or it came out again
  std::uint64_t delivered = 0;      // taken by the API, each counted once
  std::uint64_t dead_lettered = 0;  // each counted once
  std::uint64_t open = 0;           // produced, and neither delivered nor dead-lettered so far
  std::uint64_t repeated = 0;       // times that a record which had its outcome had one again
  std::uint64_t unknown = 0;        // ids that nobody wrote
  std::array<std::uint64_t, simulator::kEventTypes.size()> produced_of{};  // by type
  std::array<std::uint64_t, simulator::kEventTypes.size()> open_of{};
};

// Two bytes a record. Thread-safe; the parties need not come in order.
class Reconciliation {
 public:
  // The next record, numbered from 0 on (record_id.h), is about to be written.
  void given(std::size_t type);
  // The broker has record `number`.
  void confirmed(std::uint64_t number);
  // The API has taken it, or it was read in the dead-letter topic of that type.
  void delivered(const simulator::EventType& type, std::string_view id);
  void dead_lettered(const simulator::EventType& type, std::string_view id);

  Tally tally() const;

 private:
  struct Entry {
    std::uint8_t type = 0;
    bool produced : 1 = false;
    bool delivered : 1 = false;
    bool dead_lettered : 1 = false;
  };

  Entry* find(const simulator::EventType& type, std::string_view id);
  void note_produced(Entry& entry);
  void settle(const simulator::EventType& type, std::string_view id, bool taken);

  mutable std::mutex mutex_;  // guards all below
  std::deque<Entry> entries_;
  Tally tally_;
};

}  // namespace sluice::demo
