#include "cli/demo_stage.h"

#include <algorithm>
#include <utility>

#include "config/loader.h"
#include "demo/configuration.h"
#include "demo/generator.h"
#include "demo/record_id.h"
#include "kafka/confirmed_writer.h"

namespace sluice::cli {
namespace {

constexpr int kPartitions = 2;

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& type : simulator::kEventTypes) all.emplace_back(type.name);
  return all;
}

// For a minute, on loopback, and for nothing that is worth a better source.
std::string new_token(SeededRandom& random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string token;
  for (int i = 0; i < 32; ++i) token += kDigits[random.next_bits() % kDigits.size()];
  return token;
}

const simulator::EventType& type_of_dead_letter(std::string_view topic) {
  return *std::find_if(simulator::kEventTypes.begin(), simulator::kEventTypes.end(),
                       [&](const auto& type) { return demo::dead_letter_topic_of(type) == topic; });
}

}  // namespace

DemoStage::DemoStage(const Clock& clock, std::uint64_t seed)
    : clock_(clock), seeds_(seed), admin_token_(new_token(seeds_)), overview_(names()) {}

Result<std::unique_ptr<DemoStage>> DemoStage::start(const Clock& clock, std::uint64_t seed) {
  std::unique_ptr<DemoStage> stage(new DemoStage(clock, seed));
  if (auto done = stage->start_kafka(); !done) return tl::unexpected(done.error());
  if (auto done = stage->start_api(); !done) return tl::unexpected(done.error());
  if (auto done = stage->start_service(); !done) return tl::unexpected(done.error());
  return stage;
}

Result<void> DemoStage::start_kafka() {
  auto cluster = kafka::MockCluster::start();
  if (!cluster) return tl::unexpected(cluster.error());
  cluster_ = std::move(*cluster);
  std::vector<std::string> dead_letter_topics;
  for (const auto& type : simulator::kEventTypes) {
    dead_letter_topics.push_back(demo::dead_letter_topic_of(type));
    if (auto made = cluster_->create_topic(demo::topic_of(type), kPartitions); !made) return made;
    if (auto made = cluster_->create_topic(dead_letter_topics.back(), 1); !made) return made;
  }
  kafka::ClientOptions client;
  client.brokers = {broker()};
  client.properties = {{"fetch.wait.max.ms", "50"}};  // see demo/configuration.cc
  auto tail = kafka::TopicTail::open(client, dead_letter_topics);
  if (!tail) return tl::unexpected(tail.error());
  dead_letters_ = std::move(*tail);
  return {};
}

Result<void> DemoStage::start_api() {
  simulator::Options options;
  options.credentials.token = config::Secret(demo::kToken);
  options.credentials.account_id = demo::kAccountId;
  options.credentials.workspace_id = demo::kWorkspaceId;
  options.on_accepted = [this](const simulator::EventType& type, std::string_view id) {
    reconciliation_.delivered(type, id);
  };
  auto simulator = simulator::Simulator::start(std::move(options), clock_);
  if (!simulator) return tl::unexpected(simulator.error());
  simulator_ = std::move(*simulator);
  return {};
}

Result<void> DemoStage::start_service() {
  auto config = config::load_text(
      demo::configuration(broker(), simulator_->base_url(), admin_token_), "demo",
      {.allow_literal_secrets = true, .librdkafka_version = kafka::library_version()});
  if (!config) return fail(config.error().front().text());
  auto service = service::Service::start(std::move(*config), clock_, warnings_, seeds_.next_bits());
  if (!service) return tl::unexpected(service.error());
  service_ = std::move(*service);
  return {};
}

Result<void> DemoStage::start_producing(std::uint32_t rate) {
  kafka::WriterOptions options;
  options.client.brokers = {broker()};
  // The mock broker hands out one such batch per partition and fetch.
  options.client.properties = {{"linger.ms", "50"}};
  auto writer = kafka::ConfirmedWriter::create(options);
  if (!writer) return tl::unexpected(writer.error());
  demo::Producer::Options what;
  for (const auto& type : simulator::kEventTypes) what.topics.push_back(demo::topic_of(type));
  what.rate = rate;
  producer_ = std::make_unique<demo::Producer>(
      std::move(*writer), demo::Generator(demo::kAccountId, demo::kWorkspaceId, seeds_.next_bits()),
      std::move(what), reconciliation_, clock_);
  return {};
}

void DemoStage::pump() {
  while (const auto* letter = dead_letters_->poll(Duration::zero())) take_dead_letter(*letter);
  for (const auto& error : dead_letters_->take_errors()) {
    warnings_.write(telemetry::Level::warn, telemetry::Event::kafka_error, {{"detail", error}});
  }
  const auto status = service_->status().snapshot();
  for (std::size_t type = 0; type < committed_.size(); ++type) {
    const std::string name(simulator::kEventTypes.at(type).name);
    committed_.at(type) = std::max(committed_.at(type), demo::committed_of(status, name));
  }
  if (!producer_) return;
  const auto all = tally();
  for (std::size_t type = 0; type < all.open_of.size(); ++type) {
    producer_->finished(type, all.produced_of.at(type) - all.open_of.at(type));
  }
}

bool DemoStage::settled() const {
  const auto all = tally();
  return producer_->done() && all.open == 0 && all.produced_of == committed_;
}

void DemoStage::take_dead_letter(const kafka::PolledRecord& letter) {
  std::string_view id;
  for (const auto& header : letter.record.headers) {
    if (header.name == demo::kIdHeader) id = header.value.value_or("");
  }
  reconciliation_.dead_lettered(type_of_dead_letter(letter.topic), id);
}

std::vector<demo::PipelineRow> DemoStage::rows() {
  const auto produced = tally().produced_of;
  return overview_.rows(clock_.now(), demo::MetricReader(service_->metrics().serialize()),
                        service_->status().snapshot(), {produced.begin(), produced.end()});
}

}  // namespace sluice::cli
