// What stands around the Deliverer in a rehearsal, in the place of a network and other workers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch/batch_pool.h"
#include "deliver/admission.h"
#include "deliver/delivery_sink.h"
#include "explain/rehearsal.h"
#include "http/client.h"
#include "telemetry/log.h"

namespace sluice::explain {

struct KeptRequest {
  std::string method;
  std::string url;
  std::vector<http::Header> headers;
  std::string body;
};

// Keeps the first request, and sends none.
class KeepingSender final : public http::Sender {
 public:
  http::RequestId send(http::Request request) override {
    if (!kept) {
      kept = KeptRequest{std::move(request.method), std::move(request.url),
                         std::move(request.headers), std::string(request.body)};
    }
    return ++last_;
  }
  void cancel(http::RequestId /*id*/) override {}

  std::optional<KeptRequest> kept;

 private:
  http::RequestId last_ = 0;
};

// Lets every request through that fits into the budgets of another one, whose buckets are empty at
// the start.
class OpenAdmission final : public deliver::Admission {
 public:
  // `budgets` outlives it.
  explicit OpenAdmission(const deliver::Admission& budgets) : budgets_(budgets) {}

  tl::expected<deliver::Pass, Closed> ask(LaneId /*lane*/, deliver::RequestSize size,
                                          Instant /*now*/) override {
    asked = size;
    return deliver::Pass{};
  }
  deliver::RequestSize largest() const override { return budgets_.largest(); }
  void answered(const deliver::Pass& /*pass*/, const deliver::Judgement& /*judgement*/,
                deliver::Blame /*blame*/, const http::Answer* /*answer*/, Instant /*sent_at*/,
                Instant /*now*/) override {}
  void cancelled(const deliver::Pass& /*pass*/) override {}
  void forget(LaneId /*lane*/) override {}
  bool delivered_after(Instant /*when*/) const override { return false; }
  void gave_up() override {}
  void judged(std::size_t /*taken*/, std::size_t /*refused*/, Instant /*now*/) override {}

  deliver::RequestSize asked;

 private:
  const deliver::Admission& budgets_;
};

// Notes what goes no further.
class NotingSink final : public deliver::DeliverySink {
 public:
  // `pool` outlives it.
  explicit NotingSink(batch::BatchPool& pool) : pool_(pool) {}

  void delivered(LaneId /*lane*/, const batch::Batch& /*batch*/,
                 batch::Range /*records*/) override {}
  void refused(LaneId /*lane*/, const batch::Batch& batch, std::size_t record,
               codec::DeadLetterCause cause) override {
    left_out.push_back({batch.entry(record).offset, cause.reason, std::move(cause.detail)});
  }
  void dropped(LaneId /*lane*/, const batch::Batch& batch, std::size_t record) override {
    left_out.push_back({batch.entry(record).offset, std::nullopt, "older than max_age"});
  }
  void held(LaneId /*lane*/, const batch::Batch& /*batch*/, bool /*held*/) override {}
  void stands(LaneId /*lane*/, const batch::Batch& /*batch*/, bool /*stands*/) override {}
  void stands_sent(LaneId /*lane*/, const batch::Batch& /*batch*/, bool /*sent*/) override {}
  bool may_go_on(LaneId /*lane*/, const batch::Batch& /*batch*/,
                 std::size_t /*first*/) const override {
    return true;
  }
  void finished(LaneId /*lane*/, std::unique_ptr<batch::Batch> batch) override {
    pool_.give_back(std::move(batch));
  }

  std::vector<LeftOut> left_out;

 private:
  batch::BatchPool& pool_;
};

class NoLog final : public telemetry::Log {
 public:
  void write(telemetry::Level /*level*/, telemetry::Event /*event*/,
             const std::vector<telemetry::Field>& /*fields*/) override {}
};

}  // namespace sluice::explain
