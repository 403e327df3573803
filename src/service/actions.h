// What operators can do to a running Sluice through the HTTP port.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "admin/actions.h"
#include "base/result.h"
#include "pipeline/action.h"
#include "service/pipeline_run.h"
#include "telemetry/log.h"

namespace sluice::service {

// `retry`: what stands still by a breaker, the refusal guard or a suspect record is tried at once.
// `dead-letter`: suspect records go to the dead-letter topic. `resume-from`: a partition goes on
// at another offset. Thread-safe; a call waits at most 10 s for the workers.
class Actions {
 public:
  // The run of that name; null where there is none.
  using Find = std::function<std::shared_ptr<PipelineRun>(const std::string& pipeline)>;

  Actions(Find find, telemetry::Log& log) : find_(std::move(find)), log_(log) {}

  admin::ActionReply perform(const admin::ActionRequest& request) const;

 private:
  const Find find_;
  telemetry::Log& log_;
};

// The action that a request asks for; the error says what to write.
Result<pipeline::Action> parse_action(const admin::ActionRequest& request);

}  // namespace sluice::service
