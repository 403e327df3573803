#include "explain/rehearsal.h"

#include <utility>

#include "base/random.h"
#include "base/version.h"
#include "deliver/credentials.h"
#include "deliver/deliverer.h"
#include "deliver/pipeline_admission.h"
#include "deliver/target_gate.h"
#include "explain/rehearsal_stage.h"
#include "pipeline/options_of.h"
#include "telemetry/metrics.h"

namespace sluice::explain {
namespace {

constexpr LaneId kRehearsedLane = 1;
constexpr std::uint64_t kAnySeed = 1;  // of jitter, which nothing here waits for

// All of it nobody else's.
class Stage {
 public:
  explicit Stage(const RehearsalParts& parts)
      : parts_(parts),
        metrics_(kVersion),
        gate_(parts.target, parts.users, kAnySeed, parts.clock, metrics_.target(parts.target.name),
              log_),
        budgets_({gate_, gate_.add_pipeline(parts.pipeline)}, [] {}) {
    budgets_.set_partitions(1, 1, parts.clock.now());
  }

  deliver::RequestSize largest() const { return budgets_.largest(); }

  // `as_it_is`: without compression.
  Rehearsed run(const TopicPartition& of, std::unique_ptr<batch::Batch> batch, bool as_it_is) {
    KeepingSender http;
    OpenAdmission admission(budgets_);
    NotingSink sink(parts_.pool);
    const auto credential = credential_of_all();
    const auto credentials = credentials_with(credential.get());
    const deliver::VerdictRules rules = pipeline::verdict_rules_of(parts_.pipeline);
    telemetry::Failures failures;
    auto options = deliverer_options(as_it_is);
    const std::string id_header = options.batch_id_header;
    deliver::Deliverer deliverer(
        std::move(options),
        {http, *credentials, rules, admission, parts_.clock, random_, parts_.memory, parts_.pool,
         metrics_.pipeline(parts_.pipeline.name, parts_.target.name), failures, log_},
        sink);
    deliverer.start(kRehearsedLane, of, std::move(batch));
    deliverer.advance(parts_.clock.now());
    Rehearsed rehearsed;
    rehearsed.left_out = std::move(sink.left_out);
    if (const auto standing = deliverer.standing(kRehearsedLane)) {
      rehearsed.stands = standing->words;
    }
    if (http.kept) rehearsed.request = shown(std::move(*http.kept), id_header, admission.asked);
    return rehearsed;
  }

 private:
  deliver::DelivererOptions deliverer_options(bool as_it_is) const {
    pipeline::WorkerOptions worker;
    worker.pipeline = parts_.pipeline;
    worker.target = parts_.target;
    auto options = pipeline::deliverer_options_of(worker);
    if (as_it_is) options.compression.reset();
    return options;
  }

  std::unique_ptr<deliver::LiveCredential> credential_of_all() {
    if (!parts_.signers.of_all) return nullptr;
    return std::make_unique<deliver::LiveCredential>(
        deliver::LiveCredential::Name{parts_.target.name, {}}, parts_.signers.of_all, Duration{},
        parts_.clock, metrics_.credential(parts_.target.name, ""), log_);
  }

  std::unique_ptr<deliver::Credentials> credentials_with(deliver::LiveCredential* of_all) {
    if (of_all != nullptr) return std::make_unique<deliver::Credentials>(*of_all);
    deliver::Credentials::Tenants tenants;
    for (const auto& [name, signer] : parts_.signers.tenants) {
      tenants.emplace(name, std::make_shared<deliver::Tenant>(
                                deliver::LiveCredential::Name{parts_.target.name, name}, signer,
                                Duration{}, parts_.target.circuit_breaker, kAnySeed,
                                metrics_.credential(parts_.target.name, name),
                                deliver::Tenant::Around{parts_.clock, log_, [] {}}));
    }
    return std::make_unique<deliver::Credentials>(parts_.target.name, *parts_.target.tenants,
                                                  std::move(tenants));
  }

  // Whatever stands in the query was added to prove who we are.
  static std::string shown_url(const std::string& url) {
    std::string shown = url.substr(0, url.find('?'));
    for (std::size_t at = shown.size(); at < url.size();) {
      const std::size_t end = std::min(url.find('&', at + 1), url.size());
      const std::size_t equals = std::min(url.find('=', at), end);
      shown += url.substr(at, equals - at) + "=" + kMasked;
      at = end;
    }
    return shown;
  }

  // The signer's headers are the last ones.
  ShownRequest shown(KeptRequest kept, const std::string& id_header,
                     deliver::RequestSize size) const {
    ShownRequest request;
    request.method = std::move(kept.method);
    request.url = shown_url(kept.url);
    const std::size_t ours = kept.headers.size() - parts_.notes.size();
    for (std::size_t i = 0; i < kept.headers.size(); ++i) {
      auto& [name, value] = kept.headers[i];
      if (i < ours && name == "Content-Encoding") request.encoding = value;
      if (i < ours && name == id_header) request.batch_id = value;
      const bool secret = i >= ours && parts_.notes[i - ours];
      request.headers.push_back({std::move(name), secret ? kMasked : std::move(value)});
    }
    request.bytes = kept.body.size();
    request.body = std::move(kept.body);
    request.records = size.records;
    return request;
  }

  const RehearsalParts& parts_;
  NoLog log_;
  telemetry::Metrics metrics_;
  SeededRandom random_{kAnySeed};
  deliver::TargetGate gate_;
  deliver::PipelineAdmission budgets_;
};

std::unique_ptr<batch::Batch> copy_of(const batch::Batch& batch, batch::BatchPool& pool) {
  auto copy = pool.take();
  for (std::size_t i = 0; i < batch.size(); ++i) copy->copy(batch, i);
  return copy;
}

}  // namespace

Rehearsed rehearse(const RehearsalParts& parts, const TopicPartition& of,
                   std::unique_ptr<batch::Batch> batch) {
  Stage stage(parts);
  auto plain = copy_of(*batch, parts.pool);
  Rehearsed rehearsed = stage.run(of, std::move(batch), false);
  if (rehearsed.request && !rehearsed.request->encoding.empty()) {
    rehearsed.request->body = stage.run(of, std::move(plain), true).request->body;
  }
  return rehearsed;
}

deliver::RequestSize largest_request(const RehearsalParts& parts) { return Stage(parts).largest(); }

}  // namespace sluice::explain
