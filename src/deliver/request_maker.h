// What goes on the wire for a batch.
#pragma once

#include <memory>

#include "auth/signer.h"
#include "base/clock.h"
#include "batch/memory_meter.h"
#include "codec/compressor.h"
#include "deliver/deliverer_options.h"
#include "deliver/delivery.h"
#include "deliver/trace_context.h"
#include "http/client.h"

namespace sluice::deliver {

// Its compressor counts at the meter. Not thread-safe.
class RequestMaker {
 public:
  // What is passed by reference outlives it.
  RequestMaker(const DelivererOptions& options, batch::MemoryMeter& memory);
  ~RequestMaker();
  RequestMaker(const RequestMaker&) = delete;
  RequestMaker& operator=(const RequestMaker&) = delete;

  // For the delivery's part, signed as of `now`; the delivery keeps what is secret about it. Its
  // body is the delivery's, until the part changes.
  http::Request make(Delivery& delivery, const auth::Signer& signer, WallTime now);

 private:
  void sign(Delivery& delivery, const auth::Signer& signer, WallTime now,
            http::Request& request) const;
  void add_headers(const Delivery& delivery, http::Request& request) const;

  const DelivererOptions& options_;
  batch::MemoryMeter& memory_;
  const bool sets_content_type_;
  const TraceHeaders trace_headers_;
  const std::unique_ptr<codec::Compressor> compressor_;  // null: bodies go as they are
};

}  // namespace sluice::deliver
