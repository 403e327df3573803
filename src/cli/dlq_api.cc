#include "cli/dlq_api.h"

#include <strings.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "auth/signer.h"
#include "codec/schema.h"
#include "deliver/credentials.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"
#include "pipeline/options_of.h"
#include "replay/api_destination.h"
#include "service/target_signers.h"

namespace sluice::cli {
namespace {

replay::ApiOptions options_of(const config::Pipeline& pipeline, const config::Target& target) {
  pipeline::WorkerOptions worker;
  worker.pipeline = pipeline;
  worker.target = target;
  const auto as_run = pipeline::deliverer_options_of(worker);
  replay::ApiOptions options;
  options.method = as_run.method;
  options.base_url = as_run.base_url;
  options.path = pipeline.path;
  options.header_names = as_run.header_names;
  const bool own_type =
      std::any_of(options.header_names.begin(), options.header_names.end(),
                  [](const auto& name) { return ::strcasecmp(name.c_str(), "content-type") == 0; });
  if (!own_type) options.content_type = as_run.content_type;
  options.batch_id_header = as_run.batch_id_header;
  options.body = pipeline::body_format_of(pipeline);
  options.compression = as_run.compression;
  options.compress_from = as_run.compress_from;
  options.backoff = {pipeline.retry.initial, pipeline.retry.max, pipeline.retry.multiplier};
  options.attempts = pipeline.retry.attempts;
  options.by_tenant = target.tenants.has_value();
  return options;
}

// The target's own signer, or one for each of its tenants.
class Signers {
 public:
  static Result<Signers> make(const config::Target& target) {
    Signers made;
    if (target.tenants) {
      auto all = service::signers_of(target);
      if (!all) return tl::unexpected(all.error());
      made.tenants_ = std::move(all->tenants);
      made.rules_ = std::make_shared<deliver::Credentials>(target.name, *target.tenants,
                                                           deliver::Credentials::Tenants{});
      return made;
    }
    auto signer = auth::make_signer(target.auth);
    if (!signer) {
      return fail("targets." + target.name + ".auth: " + signer.error().cause,
                  signer.error().remedy);
    }
    made.of_all_ = std::move(*signer);
    return made;
  }

  Result<const auth::Signer*> of(const codec::Route& route) const {
    if (of_all_) return of_all_.get();
    const std::string tenant = rules_->tenant_of(route);
    const auto found = tenants_.find(tenant);
    if (found == tenants_.end()) return tl::unexpected(rules_->unknown(tenant));
    return found->second.get();
  }

 private:
  std::shared_ptr<const auth::Signer> of_all_;  // null: by tenant
  std::map<std::string, std::shared_ptr<const auth::Signer>> tenants_;
  std::shared_ptr<deliver::Credentials> rules_;  // what tenants are called
};

// A destination with all that it works with.
class Api final : public replay::Destination {
 public:
  Api(const config::Pipeline& pipeline, const config::Target& target, Signers signers,
      std::unique_ptr<http::Client> http, std::unique_ptr<codec::Schema> schema, const Clock& clock,
      Random& random)
      : signers_(std::move(signers)),
        http_(std::move(http)),
        rules_(pipeline::verdict_rules_of(pipeline)),
        router_(pipeline::router_of(pipeline, target)),
        codec_(pipeline.max_record_bytes, pipeline::null_policy_of(pipeline), std::move(schema)),
        destination_(options_of(pipeline, target),
                     {*http_, [this](const codec::Route& route) { return signers_.of(route); },
                      rules_, router_, codec_, clock, random}) {}

  std::string name() const override { return destination_.name(); }
  std::size_t at_once() const override { return destination_.at_once(); }
  Result<void> bring(std::span<const replay::LetterRecord> letters, replay::Pace& pace,
                     const OnEnd& on_end) override {
    return destination_.bring(letters, pace, on_end);
  }

 private:
  const Signers signers_;
  std::unique_ptr<http::Client> http_;
  deliver::VerdictRules rules_;
  codec::Router router_;
  codec::RecordCodec codec_;
  replay::ApiDestination destination_;
};

}  // namespace

Result<std::unique_ptr<replay::Destination>> make_api_destination(const config::Pipeline& pipeline,
                                                                  const config::Target& target,
                                                                  const Clock& clock,
                                                                  Random& random) {
  auto signers = Signers::make(target);
  if (!signers) return tl::unexpected(signers.error());
  auto http = http::Client::create(pipeline::client_options_of(target), clock);
  if (!http) return tl::unexpected(http.error());
  std::unique_ptr<codec::Schema> schema;
  if (pipeline.schema) {
    auto loaded = codec::Schema::load(*pipeline.schema);
    if (!loaded) return tl::unexpected(loaded.error());
    schema = std::move(*loaded);
  }
  return std::make_unique<Api>(pipeline, target, std::move(*signers), std::move(*http),
                               std::move(schema), clock, random);
}

double rate_within_limits(double wished, const config::Target& target) {
  double rate = wished;
  for (const config::RateLimit& limit : target.rate_limit) {
    if (limit.unit == config::RateUnit::bytes) continue;
    const double seconds = std::chrono::duration<double>(limit.per).count();
    rate = std::min(rate, static_cast<double>(limit.limit) * limit.share * limit.safety / seconds);
  }
  return rate;
}

}  // namespace sluice::cli
