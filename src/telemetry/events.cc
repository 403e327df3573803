#include "telemetry/log.h"

namespace sluice::telemetry {

std::string_view to_string(Event event) {
  switch (event) {
    case Event::service_started:
      return "service_started";
    case Event::service_stopping:
      return "service_stopping";
    case Event::service_stopped:
      return "service_stopped";
    case Event::configuration_warning:
      return "configuration_warning";
    case Event::configuration_reloaded:
      return "configuration_reloaded";
    case Event::configuration_refused:
      return "configuration_refused";
    case Event::pipeline_started:
      return "pipeline_started";
    case Event::pipeline_stopped:
      return "pipeline_stopped";
    case Event::pipeline_stalled:
      return "pipeline_stalled";
    case Event::pipeline_flowing:
      return "pipeline_flowing";
    case Event::partitions_assigned:
      return "partitions_assigned";
    case Event::partitions_revoked:
      return "partitions_revoked";
    case Event::partitions_lost:
      return "partitions_lost";
    case Event::partitions_unowned:
      return "partitions_unowned";
    case Event::kafka_error:
      return "kafka_error";
    case Event::kafka_log:
      return "kafka_log";
    case Event::commit_failed:
      return "commit_failed";
    case Event::commit_metadata_limited:
      return "commit_metadata_limited";
    case Event::finished_records_forgotten:
      return "finished_records_forgotten";
    case Event::request_failed:
      return "request_failed";
    case Event::batch_bisected:
      return "batch_bisected";
    case Event::record_dead_lettered:
      return "record_dead_lettered";
    case Event::record_dropped:
      return "record_dropped";
    case Event::dead_letter_failed:
      return "dead_letter_failed";
    case Event::breaker_opened:
      return "breaker_opened";
    case Event::breaker_closed:
      return "breaker_closed";
    case Event::refusal_guard_closed:
      return "refusal_guard_closed";
    case Event::credential_offered:
      return "credential_offered";
    case Event::credential_changed:
      return "credential_changed";
    case Event::credential_refused:
      return "credential_refused";
    case Event::token_failed:
      return "token_failed";
    case Event::credential_rolled_back:
      return "credential_rolled_back";
    case Event::memory_tight:
      return "memory_tight";
    case Event::log_lines_lost:
      return "log_lines_lost";
    case Event::admin_listening:
      return "admin_listening";
    case Event::admin_action:
      return "admin_action";
  }
  return "unknown";
}

}  // namespace sluice::telemetry
