#include "service/pipeline_run.h"

#include <algorithm>
#include <utility>

#include "pipeline/options_of.h"

namespace sluice::service {

Result<std::shared_ptr<PipelineRun>> PipelineRun::make(
    const PipelineRunOptions& options, std::shared_ptr<TargetRun> target,
    std::shared_ptr<kafka::ConfirmedWriter> writer, SeededRandom& seeds,
    const Surroundings& around) {
  std::shared_ptr<PipelineRun> run(
      new PipelineRun(options, std::move(target), std::move(writer), around));
  pipeline::WorkerOptions worker;
  worker.pipeline = options.pipeline;
  worker.target = options.target;
  worker.consumer = options.consumer;
  worker.memory_share = options.memory_share;
  worker.dead_letter_window = options.dead_letter_window;
  for (std::uint32_t number = 0; number < options.pipeline.workers; ++number) {
    worker.number = number;
    worker.seed = seeds.next_bits();
    if (options.instance_id) {
      worker.consumer.instance_id =
          *options.instance_id + "-" + run->name_ + "-" + std::to_string(number);
    }
    if (auto done = run->make_worker(worker); !done) {
      return fail("pipelines." + run->name_ + ": " + done.error().cause, done.error().remedy);
    }
  }
  return run;
}

PipelineRun::PipelineRun(const PipelineRunOptions& options, std::shared_ptr<TargetRun> target,
                         std::shared_ptr<kafka::ConfirmedWriter> writer, const Surroundings& around)
    : name_(options.pipeline.name),
      around_(around),
      target_(std::move(target)),
      rules_(pipeline::verdict_rules_of(options.pipeline)),
      admission_(target_->admit(options.pipeline)),
      writer_(std::move(writer)) {}

PipelineRun::~PipelineRun() {
  workers_.clear();
  admission_.gate.remove_pipeline(admission_.pipeline);
}

Result<void> PipelineRun::make_worker(const pipeline::WorkerOptions& options) {
  const pipeline::WorkerParts parts{
      around_.clock,  writer_.get(), target_->credentials(),
      rules_,         admission_,    around_.metrics.pipeline(name_, options.target.name),
      around_.status, around_.log};
  auto worker = pipeline::Worker::create(options, parts);
  if (!worker) return tl::unexpected(worker.error());
  workers_.push_back(std::move(*worker));
  return {};
}

void PipelineRun::start() {
  for (const auto& worker : workers_) worker->start();
}

void PipelineRun::stop(Duration timeout) {
  for (const auto& worker : workers_) worker->stop(timeout);
}

bool PipelineRun::stopped() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->stopped(); });
}

void PipelineRun::set_pause(pipeline::PauseWish wish) {
  for (const auto& worker : workers_) worker->set_pause(wish, [](const auto&) {});
}

std::size_t PipelineRun::open_gates() {
  // First, since the gate wakes the workers.
  const std::size_t tenants = target_->credentials().open_now(name_);
  return tenants + admission_.gate.open_now(admission_.pipeline);
}

}  // namespace sluice::service
