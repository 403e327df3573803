// What operators can do to a running Sluice through the HTTP port.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "admin/actions.h"
#include "pipeline/action.h"
#include "pipeline/operator_pause.h"
#include "service/pipeline_run.h"
#include "service/target_run.h"
#include "telemetry/log.h"

namespace sluice::service {

// Of a pipeline: `pause`, `drain` and `resume`; `retry`: what stands still by a breaker, the
// refusal guard or a suspect record is tried at once; `dead-letter`: suspect records go to the
// dead-letter topic; `resume-from`: a partition goes on at another offset. Of a target:
// `reset-breaker`. Of the process: `log-level`. Each that was done, or found nothing to do, is in
// the log. Thread-safe; a call waits at most 10 s for the workers.
class Actions {
 public:
  // All of them thread-safe.
  struct Parts {
    // The run of that name; null where there is none.
    std::function<std::shared_ptr<PipelineRun>(const std::string& pipeline)> find;
    std::function<std::shared_ptr<TargetRun>(const std::string& target)> find_target;
    // The same as `find`; from now on a run that takes its place begins with the wish.
    std::function<std::shared_ptr<PipelineRun>(const std::string& pipeline, pipeline::PauseWish)>
        keep_pause;
  };

  Actions(Parts parts, telemetry::Log& log) : parts_(std::move(parts)), log_(log) {}

  admin::ActionReply perform(const admin::ActionRequest& request) const;

 private:
  using ActionDone = pipeline::ActionDone;
  // Has one worker do it.
  using Ask = std::function<void(pipeline::Worker& worker, ActionDone done)>;

  admin::ActionReply of_pipeline(const admin::ActionRequest& request) const;
  admin::ActionReply pause(const admin::ActionRequest& request, pipeline::PauseWish wish) const;
  admin::ActionReply ask_workers(const admin::ActionRequest& request, const PipelineRun& run,
                                 std::size_t opened, const Ask& ask) const;
  admin::ActionReply of_target(const admin::ActionRequest& request) const;
  admin::ActionReply set_log_level(const admin::ActionRequest& request) const;

  const Parts parts_;
  telemetry::Log& log_;
};

// The log's lines of what Actions does not see.
void log_reload(telemetry::Log& log, const std::string& done);
void log_refused(telemetry::Log& log, const admin::ActionRequest& request,
                 const admin::ActionReply& reply);

}  // namespace sluice::service
