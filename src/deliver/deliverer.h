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
#include "deliver/delivery.h"
#include "deliver/gate.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace sluice::deliver {

// What became of records; called from inside on_completion(), on the worker's thread.
class DeliverySink {
 public:
  virtual ~DeliverySink() = default;
  virtual void delivered(LaneId lane, const batch::Batch& batch, batch::Range records) = 0;
  // The API refused this record alone.
  virtual void refused(LaneId lane, const batch::Batch& batch, std::size_t record,
                       codec::DeadLetterCause cause) = 0;
  // Every record of the batch was reported above.
  virtual void finished(LaneId lane, std::unique_ptr<batch::Batch> batch) = 0;
};

// Everything a deliverer works with; all of it outlives it.
struct DelivererParts {
  http::Sender& http;
  const auth::Signer& signer;
  const VerdictRules& rules;
  Gate& target_gate;
  Gate& path_gate;
  const Clock& clock;
  Random& random;
  batch::MemoryMeter& memory;
  telemetry::PipelineMetrics& metrics;
  telemetry::Log& log;
};

struct DelivererOptions {
  std::string pipeline;  // for logs
  std::string method;
  std::string base_url;
  codec::Route route;                     // of batches that have none of their own
  std::vector<std::string> header_names;  // of the values in a route
  std::string content_type;               // unless one of those headers is the content type
  std::string batch_id_header;
  Backoff::Limits backoff;
  std::size_t response_excerpt = 1024;  // bytes of an answer that go into a dead letter
  std::size_t connections = 8;          // requests in flight at most
  std::optional<codec::Compression> compression;
  std::size_t compress_from = 0;  // bytes of a body; a smaller one goes as it is
};

// One batch per lane at a time, lanes side by side; a batch stays until each of its records is
// delivered or refused alone. Which verdict leads to what stands in react(). Not thread-safe.
class Deliverer {
 public:
  Deliverer(DelivererOptions options, DelivererParts parts, DeliverySink& sink);
  ~Deliverer();
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  // The lane must be idle.
  void start(LaneId lane, const TopicPartition& partition, std::unique_ptr<batch::Batch> batch);
  bool idle(LaneId lane) const { return lanes_.count(lane) == 0; }
  // A request of the lane is under way.
  bool in_flight(LaneId lane) const;
  std::size_t requests_in_flight() const { return requests_.size(); }
  // Since when the lane's request is under way; nullopt where none is.
  std::optional<Instant> in_flight_since(LaneId lane) const;

  // The lane sends nothing more; what is under way may still be answered.
  void drain(LaneId lane);
  // The lane's request is cancelled and its batch given back, its unreported records abandoned;
  // null where it was idle.
  std::unique_ptr<batch::Batch> cancel(LaneId lane);

  // Sends what is due and let through. Lanes take turns in being first.
  void advance(Instant now);
  void on_completion(const http::Completion& completion);

  // When advance() may have something to do although nothing completes; nullopt: not before then.
  std::optional<Instant> deadline() const { return deadline_; }
  // What the gates last said to a lane that wants to send; nullopt when none was held back.
  const std::optional<Gate::Closed>& held_back() const { return held_back_; }
  // Plain words about the last attempt that was not delivered; empty where there was none.
  const std::string& last_error() const { return last_error_; }

 private:
  bool try_send(LaneId id, Delivery& delivery, Instant now);
  std::optional<Permits> ask_gates(Instant now);
  void send(LaneId id, Delivery& delivery, Permits permits, Instant now);
  http::Request make_request(Delivery& delivery);
  void add_headers(const Delivery& delivery, http::Request& request) const;
  Judgement judge(const http::Completion& completion, const Delivery& delivery) const;
  void react(LaneId id, Delivery& delivery, const Judgement& judgement,
             const http::Completion& completion, Instant now);
  void refuse(LaneId id, Delivery& delivery, DeadLetterReason reason, const Judgement& judgement,
              const http::Completion& completion);
  void note_attempt(const Delivery& delivery, std::size_t bytes, const Judgement& judgement,
                    const http::Completion& completion);
  void wait_until(Instant when);

  const DelivererOptions options_;
  const bool sets_content_type_;
  const std::unique_ptr<codec::Compressor> compressor_;  // null: bodies go as they are
  DelivererParts parts_;
  DeliverySink& sink_;
  std::map<LaneId, Delivery> lanes_;
  std::unordered_map<http::RequestId, LaneId> requests_;
  LaneId last_sent_ = 0;
  std::optional<Instant> deadline_;
  std::optional<Gate::Closed> held_back_;
  std::string last_error_;
};

}  // namespace sluice::deliver
