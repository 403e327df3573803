// All that runs during `sluice demo`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "demo/overview.h"
#include "demo/producer.h"
#include "demo/reconciliation.h"
#include "demo/warnings.h"
#include "kafka/mock_cluster.h"
#include "kafka/topic_tail.h"
#include "service/service.h"
#include "simulator/simulator.h"

namespace sluice::cli {

// A mock broker, the simulated API, the real service between them, and what counts on both sides.
// For one thread.
class DemoStage {
 public:
  using PerType = std::array<std::uint64_t, simulator::kEventTypes.size()>;

  // `clock` outlives the stage.
  static Result<std::unique_ptr<DemoStage>> start(const Clock& clock, std::uint64_t seed);

  // Whether every pipeline has joined its group.
  bool ready() const { return service_->status().not_ready().empty(); }

  Result<void> start_producing(std::uint32_t rate);
  demo::Producer& producer() { return *producer_; }

  // Reads the dead letters that have come, and tells the producer what is done with. Call it
  // several times a second.
  void pump();

  simulator::Simulator& api() { return *simulator_; }
  service::Service& service() { return *service_; }
  std::string broker() const { return cluster_->broker(); }
  // Of this run alone.
  const std::string& admin_token() const { return admin_token_; }
  demo::Tally tally() const { return reconciliation_.tally(); }
  const PerType& committed() const { return committed_; }
  // Whether all that was written has its outcome, and commits cover it.
  bool settled() const;
  std::string newest_warning() const { return warnings_.newest(); }
  std::vector<demo::PipelineRow> rows();

 private:
  DemoStage(const Clock& clock, std::uint64_t seed);
  Result<void> start_kafka();
  Result<void> start_api();
  Result<void> start_service();
  void take_dead_letter(const kafka::PolledRecord& letter);

  const Clock& clock_;
  SeededRandom seeds_;
  const std::string admin_token_;
  demo::Reconciliation reconciliation_;
  demo::Warnings warnings_;
  demo::Overview overview_;
  PerType committed_{};
  // In the order of need.
  std::unique_ptr<kafka::MockCluster> cluster_;
  std::unique_ptr<kafka::TopicTail> dead_letters_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<demo::Producer> producer_;
  std::unique_ptr<service::Service> service_;  // stopped before it goes
};

}  // namespace sluice::cli
