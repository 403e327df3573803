// Which records the items of an answer's list speak of.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "deliver/verdict_rules.h"

namespace sluice::deliver {

// One item of the list at `results.pointer`: the texts that stand in it, where there are any.
struct ResultItem {
  std::optional<std::string> name;  // the record's index or id
  std::optional<std::string> status;
  std::optional<std::string> retryable;
};

// For each item the numbers in the batch of its records: none where it names no record that was
// sent. Several records may have one id: as many items of that id speak of them in their order, any
// other number of items each of all of them. Items without names are in the order of the records.
std::vector<std::vector<std::size_t>> places_of(const config::Results& results,
                                                const std::vector<ResultItem>& items,
                                                const Sent& sent);

}  // namespace sluice::deliver
