// A batch on its real way to the API, but for the last step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/verdict.h"
#include "batch/batch_pool.h"
#include "config/config.h"
#include "deliver/admission.h"
#include "explain/explanation.h"
#include "explain/signers.h"

namespace sluice::explain {

// A record of the batch that would not be sent.
struct LeftOut {
  std::int64_t offset = 0;
  std::optional<DeadLetterReason> reason;  // nullopt: dropped
  std::string detail;
};

struct Rehearsed {
  std::optional<ShownRequest> request;  // the first of the batch; nullopt: none would go
  std::vector<LeftOut> left_out;
  std::string stands;  // why the batch stands still; empty: it does not
};

// The target as it is with nothing under way, no breaker open and every budget full, and this
// process as the only one of its group.
struct RehearsalParts {
  const config::Pipeline& pipeline;
  const config::Target& target;
  const std::vector<config::Pipeline>& users;  // of the target: all that share its budgets
  const Signers& signers;                      // made with `notes`
  const NotedSigner::Notes& notes;
  const Clock& clock;
  batch::MemoryMeter& memory;
  batch::BatchPool& pool;
};

// Gives the batch to a Deliverer as a worker does, and keeps the request that it hands to its HTTP
// client. Opens no connection.
Rehearsed rehearse(const RehearsalParts& parts, const TopicPartition& of,
                   std::unique_ptr<batch::Batch> batch);

// The largest request that the budgets let through: a larger batch is cut.
deliver::RequestSize largest_request(const RehearsalParts& parts);

}  // namespace sluice::explain
