#include "demo/reconciliation.h"

#include "demo/record_id.h"

namespace sluice::demo {

void Reconciliation::given(std::size_t type) {
  const std::lock_guard lock(mutex_);
  Entry entry;
  entry.type = static_cast<std::uint8_t>(type);
  entries_.push_back(entry);
}

void Reconciliation::confirmed(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  note_produced(entries_.at(number));
}

void Reconciliation::delivered(const simulator::EventType& type, std::string_view id) {
  settle(type, id, true);
}

void Reconciliation::dead_lettered(const simulator::EventType& type, std::string_view id) {
  settle(type, id, false);
}

Tally Reconciliation::tally() const {
  const std::lock_guard lock(mutex_);
  return tally_;
}

Reconciliation::Entry* Reconciliation::find(const simulator::EventType& type, std::string_view id) {
  const auto number = record_number(type, id);
  if (!number || *number >= entries_.size()) return nullptr;
  Entry& entry = entries_[*number];
  return &simulator::kEventTypes.at(entry.type) == &type ? &entry : nullptr;
}

void Reconciliation::note_produced(Entry& entry) {
  if (entry.produced) return;
  entry.produced = true;
  ++tally_.produced;
  ++tally_.open;
  ++tally_.produced_of.at(entry.type);
  ++tally_.open_of.at(entry.type);
}

void Reconciliation::settle(const simulator::EventType& type, std::string_view id, bool taken) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(type, id);
  if (entry == nullptr) {
    ++tally_.unknown;
    return;
  }
  note_produced(*entry);  // the broker's word for it may be on its way still
  if (entry->delivered || entry->dead_lettered) {
    ++tally_.repeated;
    return;
  }
  --tally_.open;
  --tally_.open_of.at(entry->type);
  if (taken) {
    entry->delivered = true;
    ++tally_.delivered;
  } else {
    entry->dead_lettered = true;
    ++tally_.dead_lettered;
  }
}

}  // namespace sluice::demo
