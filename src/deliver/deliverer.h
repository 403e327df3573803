// Brings the batches of one worker to the target, whatever it answers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/signer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/record.h"
#include "batch/batch.h"
#include "codec/compressor.h"
#include "codec/envelope.h"
#include "codec/router.h"
#include "deliver/admission.h"
#include "deliver/deliverer_options.h"
#include "deliver/delivery.h"
#include "deliver/learned_size.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

// What became of records; called on the worker's thread, from inside the deliverer's functions.
class DeliverySink {
 public:
  virtual ~DeliverySink() = default;
  virtual void delivered(LaneId lane, const batch::Batch& batch, batch::Range records) = 0;
  // Not delivered, and not to be tried again: for the dead-letter topic.
  virtual void refused(LaneId lane, const batch::Batch& batch, std::size_t record,
                       codec::DeadLetterCause cause) = 0;
  // Left out by on_exhausted or on_expired.
  virtual void dropped(LaneId lane, const batch::Batch& batch, std::size_t record) = 0;
  // A record is under suspicion and waits, or does so no more.
  virtual void held(LaneId lane, const batch::Batch& batch, bool held) = 0;
  // Every record of the batch was reported above. It may be another object than the one that was
  // started, with the records that were left.
  virtual void finished(LaneId lane, std::unique_ptr<batch::Batch> batch) = 0;
};

// Everything a deliverer works with; all of it outlives it.
struct DelivererParts {
  http::Sender& http;
  const auth::Signer& signer;
  const VerdictRules& rules;
  Admission& admission;
  const Clock& clock;
  Random& random;
  batch::MemoryMeter& memory;
  batch::BatchPool& pool;
  telemetry::PipelineMetrics& metrics;
  telemetry::Log& log;
};

// Any number of batches side by side; which of them may be, its caller knows. A batch stays until
// each of its records is delivered, refused or dropped. Which verdict leads to what stands in
// reactions.cc; suspects.cc is for operators. Not thread-safe.
class Deliverer {
 public:
  Deliverer(DelivererOptions options, DelivererParts parts, DeliverySink& sink);
  ~Deliverer();
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  void start(LaneId lane, const TopicPartition& partition, std::unique_ptr<batch::Batch> batch);
  // Batches of the lane.
  std::size_t batches(LaneId lane) const;
  bool idle(LaneId lane) const { return batches(lane) == 0; }
  // A request of the lane is under way.
  bool in_flight(LaneId lane) const { return in_flight_since(lane).has_value(); }
  std::size_t requests_in_flight() const { return requests_.size(); }
  // Since when the lane's oldest request is under way; nullopt where none is.
  std::optional<Instant> in_flight_since(LaneId lane) const;

  // A record of the lane that stands still since nobody can tell whether it or the target is bad.
  struct Suspect {
    std::int64_t offset = 0;
    Instant next_try;
    std::string trouble;
  };
  std::optional<Suspect> suspect(LaneId lane) const;
  // The offset of a record of the lane that fails alone again and again, suspect or not.
  std::optional<std::int64_t> lone_failure(LaneId lane) const;
  // What an operator can do about suspects: try them at once, or give them up (lone failures, too).
  // Return how many there were. One that is just being tried is left to its answer.
  std::size_t retry_suspects(LaneId lane);
  std::size_t dead_letter_suspects(LaneId lane);

  // The lane sends nothing more; what is under way may still be answered.
  void drain(LaneId lane);
  // The lane's requests are cancelled and its batches given back to the pool, their unreported
  // records abandoned.
  void cancel(LaneId lane);

  // Sends what is due and let through. Batches take turns in being first.
  void advance(Instant now);
  void on_completion(const http::Completion& completion);

  // When advance() may have something to do although nothing completes; nullopt: not before then.
  std::optional<Instant> deadline() const { return deadline_; }
  // What held a batch back that wants to go; nullopt when none was.
  const std::optional<Admission::Closed>& held_back() const { return held_back_; }
  // Plain words about the last attempt that was not delivered; empty where there was none.
  const std::string& last_error() const { return last_error_; }

 private:
  using DeliveryId = std::uint64_t;
  // An attempt's end, and what it means.
  struct Reply {
    const http::Completion& completion;
    const Judgement& judgement;
    Instant now;
    const http::Answer* answer() const { return completion.result ? &*completion.result : nullptr; }
  };

  // deliverer.cc
  enum class Sending : std::uint8_t { sent, not_now, nobody_may };
  Sending try_send(DeliveryId id, Delivery& delivery, Instant now);
  void send(DeliveryId id, Delivery& delivery, const Pass& pass, Instant now);
  http::Request make_request(Delivery& delivery);
  void add_headers(const Delivery& delivery, http::Request& request) const;
  RequestSize size_of(const Delivery& delivery) const;
  void wait_until(Instant when);
  void finish(DeliveryId id);

  // reactions.cc
  Judgement judge(const http::Completion& completion, const Delivery& delivery) const;
  Blame react(Delivery& delivery, const Reply& reply);
  // `reason`: what a record that has used up its attempts goes away for.
  Blame take_failure(Delivery& delivery, const Reply& reply, DeadLetterReason reason);
  void give_up(Delivery& delivery, std::size_t record, codec::DeadLetterCause cause);
  void take_delivered(Delivery& delivery, const Reply& reply);
  void take_results(Delivery& delivery, const Reply& reply);
  bool give_up_result(Delivery& delivery, const RecordResult& result, const Reply& reply);
  void refuse(Delivery& delivery, const Reply& reply);
  void learn_size(Delivery& delivery, Instant now);
  void keep_only(Delivery& delivery, const std::vector<std::size_t>& records);
  void expire(Delivery& delivery);
  codec::DeadLetterCause cause_of(const Delivery& delivery, std::size_t record,
                                  const Reply* reply) const;
  void note_attempt(const Delivery& delivery, std::size_t bytes, const Reply& reply);

  const DelivererOptions options_;
  const bool sets_content_type_;
  const std::unique_ptr<codec::Compressor> compressor_;  // null: bodies go as they are
  DelivererParts parts_;
  DeliverySink& sink_;
  LearnedSize learned_size_;
  std::map<DeliveryId, Delivery> deliveries_;
  DeliveryId last_id_ = 0;
  std::unordered_map<http::RequestId, DeliveryId> requests_;
  DeliveryId last_sent_ = 0;
  std::optional<Instant> deadline_;
  std::optional<Admission::Closed> held_back_;
  std::string last_error_;
};

}  // namespace sluice::deliver
