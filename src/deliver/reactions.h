// What follows from each verdict, for the records of the batch that was sent.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/verdict.h"
#include "codec/envelope.h"
#include "deliver/admission.h"
#include "deliver/deliverer_options.h"
#include "deliver/deliverer_parts.h"
#include "deliver/delivery.h"
#include "deliver/delivery_sink.h"
#include "deliver/learned_size.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"

namespace sluice::deliver {

// An attempt's end, and what it means.
struct Reply {
  const http::Completion& completion;
  const Judgement& judgement;
  Instant now;
  Tenant* tenant;  // whose request it was; null: the target has none
  const http::Answer* answer() const { return completion.result ? &*completion.result : nullptr; }
};

// Tells the sink and the admission what became of records, and the delivery how it goes on. Not
// thread-safe.
class Reactions {
 public:
  // What is passed by reference outlives it.
  Reactions(const DelivererOptions& options, const DelivererParts& parts, DeliverySink& sink)
      : options_(options), parts_(parts), sink_(sink) {}

  Judgement judge(const http::Completion& completion, const Delivery& delivery) const;
  // Returns whom the target's breaker may count the attempt against.
  Blame react(Delivery& delivery, const Reply& reply);
  // Takes records that have grown too old out of what is still to be sent.
  void expire(Delivery& delivery);
  // All that is left of the batch goes away for this.
  void refuse_all(Delivery& delivery, DeadLetterReason reason, const std::string& detail);
  // Bytes of a body at most, as the API's 413s have taught.
  std::size_t most_bytes(Instant now) { return learned_size_.most(now); }
  // What a dead letter of the record says of its attempts; `reply`: the last one, null: none now.
  codec::DeadLetterCause cause_of(const Delivery& delivery, std::size_t record,
                                  const Reply* reply) const;

 private:
  // `reason`: what a record that has used up its attempts goes away for.
  Blame take_failure(Delivery& delivery, const Reply& reply, DeadLetterReason reason);
  bool delivered_after(const Reply& reply, Instant when) const;
  void note_given_up(const Reply& reply);
  void give_up(Delivery& delivery, std::size_t record, codec::DeadLetterCause cause);
  void take_delivered(Delivery& delivery, const Reply& reply);
  void take_results(Delivery& delivery, const Reply& reply);
  bool give_up_result(Delivery& delivery, const RecordResult& result, const Reply& reply);
  void refuse(Delivery& delivery, const Reply& reply);
  void drop(const Delivery& delivery, std::size_t record, const codec::DeadLetterCause& cause);
  void note_bisected(std::vector<telemetry::Field> part, const Judgement& judgement);
  void learn_size(Delivery& delivery, Instant now);
  void keep_only(Delivery& delivery, const std::vector<std::size_t>& records);

  const DelivererOptions& options_;
  DelivererParts parts_;
  DeliverySink& sink_;
  LearnedSize learned_size_;
};

}  // namespace sluice::deliver
