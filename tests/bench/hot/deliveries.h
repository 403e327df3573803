// The rest of the way: batches through a real Deliverer, its gate and its signer, to an API that
// takes each request at once.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "bench/hot/hot_path.h"
#include "config/config.h"
#include "deliver/deliverer.h"
#include "deliver/pipeline_admission.h"
#include "deliver/target_gate.h"
#include "support/fake_clock.h"
#include "telemetry/metrics.h"

namespace sluice::bench {

// Knows what is under way, and looks at none of it.
class TakingApi final : public http::Sender {
 public:
  http::RequestId send(http::Request /*request*/) override {
    under_way_.push_back(++last_);
    return last_;
  }
  void cancel(http::RequestId id) override { std::erase(under_way_, id); }
  std::vector<http::RequestId>& under_way() { return under_way_; }

 private:
  std::vector<http::RequestId> under_way_;
  http::RequestId last_ = 0;
};

class HotPathSink final : public deliver::DeliverySink {
 public:
  explicit HotPathSink(HotPath& path) : path_(path) {}
  void delivered(LaneId /*lane*/, const batch::Batch& batch, batch::Range records) override {
    path_.delivered(batch, records);
  }
  void finished(LaneId /*lane*/, std::unique_ptr<batch::Batch> batch) override {
    path_.finished(std::move(batch));
  }
  // None of it happens where everything is taken.
  void refused(LaneId /*lane*/, const batch::Batch& /*batch*/, std::size_t /*record*/,
               codec::DeadLetterCause /*cause*/) override {}
  void dropped(LaneId /*lane*/, const batch::Batch& /*batch*/, std::size_t /*record*/) override {}
  void held(LaneId /*lane*/, const batch::Batch& /*batch*/, bool /*held*/) override {}
  void stands(LaneId /*lane*/, const batch::Batch& /*batch*/, bool /*stands*/) override {}
  void stands_sent(LaneId /*lane*/, const batch::Batch& /*batch*/, bool /*sent*/) override {}
  bool may_go_on(LaneId /*lane*/, const batch::Batch& /*batch*/,
                 std::size_t /*first*/) const override {
    return true;
  }

 private:
  HotPath& path_;
};

class SilentLog final : public telemetry::Log {
 public:
  void write(telemetry::Level /*level*/, telemetry::Event /*event*/,
             const std::vector<telemetry::Field>& /*fields*/) override {}
};

// As `auth: {type: hkdf_hmac, ...}` says it.
inline std::unique_ptr<auth::Signer> make_hkdf_signer() {
  config::HkdfHmacAuth hkdf;
  hkdf.token = config::Secret("bench-token");
  hkdf.account_id = "bench-account";
  hkdf.workspace_id = "bench-workspace";
  return auth::make_signer(config::Auth{hkdf}).value();
}

inline deliver::DelivererOptions deliverer_options() {
  deliver::DelivererOptions made;
  made.pipeline = "deposits";
  made.method = "POST";
  made.base_url = "http://api";
  made.route.path = "/events/deposit";
  made.content_type = "application/json";
  made.batch_id_header = "Idempotency-Key";
  made.waits.retry = {std::chrono::milliseconds(200), std::chrono::seconds(30), 2};
  made.waits.parked = {std::chrono::seconds(60), std::chrono::minutes(10), 2};
  return made;
}

// For a path whose records need no route of their own.
class Deliveries {
 public:
  explicit Deliveries(HotPath& path)
      : path_(path),
        sink_(path),
        gate_(target(), users(), kAnySeed, clock_, metrics_.target("api"), log_),
        admission_({gate_, gate_.add_pipeline(users().front())}, [] {}),
        credential_({"api", {}}, make_hkdf_signer(), Duration{}, clock_,
                    metrics_.credential("api", ""), log_),
        credentials_(credential_),
        deliverer_(deliverer_options(),
                   {api_, credentials_, rules_, admission_, clock_, random_, path.meter(),
                    path.pool(), metrics_.pipeline("deposits", "api"), failures_, log_},
                   sink_) {
    admission_.set_partitions(1, 1, clock_.now());
  }

  // Until none is left that may go. Returns how many requests there were.
  std::size_t send_all() {
    std::size_t requests = 0;
    while (auto batch = path_.next_batch()) {
      deliverer_.start(kLane, path_.of(), std::move(batch));
      deliverer_.advance(clock_.now());
      requests += answer_all();
    }
    return requests;
  }

 private:
  static constexpr LaneId kLane = 1;
  static constexpr std::uint64_t kAnySeed = 1;  // of jitter, which nothing here waits for

  static config::Target target() {
    config::Target made;
    made.name = "api";
    return made;
  }
  static std::vector<config::Pipeline> users() {
    config::Pipeline made;
    made.name = "deposits";
    made.path = "/events/deposit";
    return {made};
  }

  std::size_t answer_all() {
    std::size_t requests = 0;
    while (!api_.under_way().empty()) {
      const http::RequestId id = api_.under_way().back();
      api_.under_way().pop_back();
      clock_.advance(std::chrono::milliseconds(1));
      deliverer_.on_completion({id, http::Answer{200, {}, {}}, std::chrono::milliseconds(1)});
      ++requests;
    }
    return requests;
  }

  HotPath& path_;
  test::FakeClock clock_;
  SilentLog log_;
  telemetry::Metrics metrics_{"bench"};
  telemetry::Failures failures_;
  SeededRandom random_{kAnySeed};
  TakingApi api_;
  HotPathSink sink_;
  deliver::VerdictRules rules_{deliver::VerdictRules::Options{}};
  deliver::TargetGate gate_;
  deliver::PipelineAdmission admission_;
  deliver::LiveCredential credential_;
  deliver::Credentials credentials_;
  deliver::Deliverer deliverer_;
};

// As flow(), through `deliveries`. Returns how many requests there were.
inline std::size_t flow(HotPath& path, EndlessRecords& records, std::size_t count,
                        Deliveries& deliveries) {
  return take_in_turns(path, records, count, [&deliveries] { return deliveries.send_all(); });
}

}  // namespace sluice::bench
