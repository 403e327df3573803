// The progress of one batch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/record.h"
#include "batch/batch.h"
#include "deliver/backoff.h"
#include "deliver/bisection.h"
#include "deliver/breaker.h"
#include "deliver/packed_body.h"
#include "http/client.h"

namespace sluice::deliver {

struct Permits {
  Breaker::Permit target = Breaker::Permit::none;
  Breaker::Permit path = Breaker::Permit::none;
};

// An attempt that is under way.
struct Attempt {
  http::RequestId request = 0;
  std::size_t bytes = 0;  // of its body
  Instant sent_at{};
  Permits permits;
};

// One batch on its way: which part is next, and what was tried. Pure but for its batch's frame().
class Delivery {
 public:
  Delivery(TopicPartition partition, std::unique_ptr<batch::Batch> batch,
           const Backoff::Limits& backoff, Random& random, batch::MemoryMeter& memory);

  // The part that is sent next, or is under way; nullopt: the batch is finished.
  std::optional<batch::Range> part() const { return part_; }
  // The part as one body, and its batch id; both stay the same until the part changes.
  std::string_view body();
  const std::string& batch_id() const { return batch_id_; }

  void part_delivered();
  // The API refused the part. True: it was a single record, whose number is `record`.
  bool part_refused(std::size_t& record);
  // The part is too large for the API. True: it was a single record, as above.
  bool part_too_large(std::size_t& record);

  // Refusals of parts that held the record.
  std::uint32_t refusals_of(std::size_t record) const;

  const TopicPartition partition;
  std::unique_ptr<batch::Batch> batch;
  PackedBody packed;  // of the part
  std::optional<Attempt> attempt;
  Backoff backoff;
  Instant not_before{};  // backoff
  bool draining = false;

 private:
  void choose_part();

  Bisection bisection_;
  std::size_t most_bytes_ = SIZE_MAX;  // what the API said is too large, halved
  std::optional<batch::Range> part_;
  std::string batch_id_;
  std::vector<batch::Range> refusals_;
};

}  // namespace sluice::deliver
