// What was tried in vain for each record of a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sluice::deliver {

// Takes no memory until a record fails.
class Tallies {
 public:
  explicit Tallies(std::size_t records) : records_(records) {}

  // A request carried the record and did not deliver it.
  void note_undelivered(std::size_t record) { ++of(record).requests; }
  // The record failed and its neighbours did not: one of its attempts is used up. Returns how many.
  std::uint32_t use_attempt(std::size_t record) { return ++of(record).attempts; }

  std::uint32_t requests(std::size_t record) const {
    return tallies_.empty() ? 0 : tallies_[record].requests;
  }
  std::uint32_t attempts_used(std::size_t record) const {
    return tallies_.empty() ? 0 : tallies_[record].attempts;
  }

  // Goes on with what is left, whose records were numbers `kept` until now.
  void keep(const std::vector<std::size_t>& kept) {
    std::vector<Tally> rest;
    for (const std::size_t record : kept) {
      if (!tallies_.empty()) rest.push_back(tallies_[record]);
    }
    tallies_ = std::move(rest);
    records_ = kept.size();
  }

 private:
  struct Tally {
    std::uint32_t requests = 0;
    std::uint32_t attempts = 0;
  };

  Tally& of(std::size_t record) {
    if (tallies_.empty()) tallies_.resize(records_);
    return tallies_[record];
  }

  std::size_t records_;
  std::vector<Tally> tallies_;
};

}  // namespace sluice::deliver
