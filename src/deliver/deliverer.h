// Brings the batches of one worker to the target, whatever it answers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/record.h"
#include "batch/batch.h"
#include "deliver/admission.h"
#include "deliver/attempt_log.h"
#include "deliver/deliverer_options.h"
#include "deliver/deliverer_parts.h"
#include "deliver/delivery.h"
#include "deliver/delivery_sink.h"
#include "deliver/reactions.h"
#include "deliver/request_maker.h"
#include "http/client.h"

namespace sluice::deliver {

// Any number of batches side by side; which of them may be, its caller knows. A batch stays until
// each of its records is delivered, refused or dropped. Which verdict leads to what stands in
// reactions.h; suspects.cc is for operators, standing.cc for tenants. Not thread-safe.
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
  bool idle() const { return deliveries_.empty(); }
  // A request of the lane is under way.
  bool in_flight(LaneId lane) const { return in_flight_since(lane).has_value(); }
  std::size_t requests_in_flight() const { return requests_.size(); }
  // Since when the lane's oldest request is under way; nullopt where none is.
  std::optional<Instant> in_flight_since(LaneId lane) const;
  // As Batch's, of the lane's records that have no outcome; nullopt: it has none.
  std::optional<Duration> oldest_age(LaneId lane, Instant now, WallTime wall) const;

  // A record of the lane that stands still since nobody can tell whether it or the target is bad.
  struct Suspect {
    std::int64_t offset = 0;
    Instant next_try;
    std::string trouble;
  };
  std::optional<Suspect> suspect(LaneId lane) const;
  // Records of the lane that failed and are tried again; no suspect.
  struct Retrying {
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    std::uint32_t requests = 0;       // that did not deliver the first
    std::uint32_t attempts_used = 0;  // of a record alone; counted beside delivered neighbours
    std::uint32_t attempts = 0;       // until it is given up
    Instant next_try;
    bool under_way = false;
    std::string trouble;

    bool alone() const { return first_offset == last_offset; }
  };
  std::optional<Retrying> retrying(LaneId lane) const;
  // Why a batch of the lane stands still for its tenant's sake, in plain words. `next_try`: nullopt
  // where nothing but another configuration helps.
  struct StandingTenant {
    std::string words;
    Instant since;
    std::optional<Instant> next_try;
  };
  std::optional<StandingTenant> standing(LaneId lane) const;
  // Of all lanes, by tenant.
  std::map<std::string, StandingTenant> standing_tenants() const;
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
  const std::string& last_error() const { return attempt_log_.last_error(); }
  std::optional<WallTime> last_error_at() const { return attempt_log_.last_error_at(); }

 private:
  using DeliveryId = std::uint64_t;
  enum class Sending : std::uint8_t { sent, not_now, nobody_may };
  Sending try_send(DeliveryId id, Delivery& delivery, Instant now);
  void send(DeliveryId id, Delivery& delivery, const Pass& pass, Mandate mandate, Instant now);
  void take_answer(const Attempt& attempt, const Reply& reply, Blame blame);
  void wait_until(Instant when);
  void finish(DeliveryId id);
  void queue_at_the_end(DeliveryId id, Delivery& delivery);

  // standing.cc
  std::optional<Mandate> mandate_for(Delivery& delivery, Instant now);
  void give_back(const Mandate& mandate);
  void forget_tenant(const Delivery& delivery);
  void stand(Delivery& delivery, Standing standing);
  void note_standing_sent(const Delivery& delivery);
  void go_on(Delivery& delivery);

  const DelivererOptions options_;
  DelivererParts parts_;
  DeliverySink& sink_;
  RequestMaker request_maker_;
  Reactions reactions_;
  AttemptLog attempt_log_;
  std::map<DeliveryId, Delivery> deliveries_;
  DeliveryId last_id_ = 0;
  std::unordered_map<http::RequestId, DeliveryId> requests_;
  std::map<std::uint64_t, DeliveryId> queue_;  // those that are not under way, by place
  std::uint64_t last_place_ = 0;
  std::optional<Instant> deadline_;
  std::optional<Admission::Closed> held_back_;
};

}  // namespace sluice::deliver
