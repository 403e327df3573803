// What operators can do to a running Sluice through the HTTP port.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "admin/actions.h"
#include "base/result.h"
#include "pipeline/action.h"
#include "pipeline/worker.h"
#include "telemetry/log.h"

namespace sluice::cli {

// `retry`: what stands still by a breaker, the refusal guard or a suspect record is tried at once.
// `dead-letter`: suspect records go to the dead-letter topic. `resume-from`: a partition goes on
// at another offset. Thread-safe; a call waits at most 10 s for the workers.
class Actions {
 public:
  struct Pipeline {
    std::vector<pipeline::Worker*> workers;  // outlive this
    // Lets requests through that a breaker or the refusal guard holds; how many held some.
    std::function<std::size_t()> open_gates;
  };

  Actions(std::map<std::string, Pipeline> pipelines, telemetry::Log& log)
      : pipelines_(std::move(pipelines)), log_(log) {}

  admin::ActionReply perform(const admin::ActionRequest& request) const;

 private:
  std::map<std::string, Pipeline> pipelines_;
  telemetry::Log& log_;
};

// The action that a request asks for; the error says what to write.
Result<pipeline::Action> parse_action(const admin::ActionRequest& request);

}  // namespace sluice::cli
