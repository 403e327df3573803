// What an answer says of single records.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "deliver/verdict_rules.h"

namespace sluice::deliver {

// The verdict of a record whose own status is this one, 100 to 599.
using VerdictOfStatus = std::function<Verdict(int status)>;

// The records that are not delivered, in the order of the batch. The error says what is wrong with
// the answer: where it cannot be read as `results` says, nobody knows what became of the records.
Result<std::vector<RecordResult>> read_results(const config::Results& results,
                                               const std::string& body, const Sent& sent,
                                               const VerdictOfStatus& verdict_of);

// The first record of the batch that an answer which refused all of them says is bad; nullopt where
// it says that of none.
std::optional<std::size_t> named_record(const config::Results& results, const std::string& body,
                                        const Sent& sent, const VerdictOfStatus& verdict_of);

}  // namespace sluice::deliver
