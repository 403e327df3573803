#include "service/actions.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "config/values.h"
#include "service/action_parser.h"
#include "telemetry/commands.h"

namespace sluice::service {
namespace {

using pipeline::Action;
using pipeline::ActionResult;
using pipeline::PauseWish;

constexpr auto kLongestForWorkers = std::chrono::seconds(10);

// What the workers answered; outlives whoever waits for it, since a worker may answer late.
class Answers {
 public:
  using WhenAllAnswered = std::function<void(const ActionResult& all)>;

  // `opened`: what was done before the workers were asked.
  Answers(std::size_t expected, std::size_t opened, WhenAllAnswered when_all_answered)
      : when_all_answered_(std::move(when_all_answered)), missing_(expected), all_{opened} {}

  void add(const ActionResult& answer) {
    const std::lock_guard lock(mutex_);
    all_.count += answer.count;
    all_.text += answer.text;  // at most one worker has the partition
    all_.waiting += answer.waiting;
    if (--missing_ > 0) return;
    when_all_answered_(all_);
    changed_.notify_all();
  }
  // nullopt: some did not answer in time.
  std::optional<ActionResult> wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLongestForWorkers, [this] { return missing_ == 0; })) return {};
    return all_;
  }

 private:
  const WhenAllAnswered when_all_answered_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t missing_;
  ActionResult all_;
};

std::string go_on_with(const admin::ActionRequest& request) {
  return "it goes on with: " + telemetry::act_command("resume", request.pipeline);
}

std::string done_text(const admin::ActionRequest& request, const ActionResult& all) {
  const std::string count = std::to_string(all.count);
  const std::string waiting = std::to_string(all.waiting);
  if (request.name == "pause") {
    return "paused: nothing more is read or sent, " + waiting +
           " records that were read wait for their outcome; " + go_on_with(request);
  }
  if (request.name == "drain") {
    return "draining: nothing more is read, " + waiting +
           " records that were read are on their way; it is done when /status (sluice status) says "
           "drained; " +
           go_on_with(request);
  }
  if (request.name == "resume") return "it goes on";
  if (request.name == "retry") return count + " that stood still tried again";
  return count + " suspect records on their way to the dead-letter topic";
}

std::string nothing_text(const admin::ActionRequest& request) {
  if (request.name == "pause") return "it is paused already; " + go_on_with(request);
  if (request.name == "drain") {
    return "it is draining or drained already, see /status; " + go_on_with(request);
  }
  if (request.name == "resume") return "no operator has paused it; see /status";
  if (request.name == "retry") {
    return "nothing stands still by a breaker, the refusal guard or a suspect record; see /status";
  }
  if (request.name == "dead-letter") return "no record is under suspicion here; see /status";
  return "this process does not have the partition now; ask the one that has it";
}

// resume-from says itself what it did, or why not.
std::string text_of(const admin::ActionRequest& request, const ActionResult& all) {
  if (!all.text.empty()) return all.text;
  return all.count == 0 ? nothing_text(request) : done_text(request, all);
}

// What strangers write into a URL is as long as they like.
std::string shortened(const std::string& name) {
  constexpr std::size_t kLongestName = 128;
  return name.size() <= kLongestName ? name : name.substr(0, kLongestName) + "...";
}

std::vector<telemetry::Field> fields_of(const admin::ActionRequest& request) {
  std::vector<telemetry::Field> fields;
  if (!request.pipeline.empty()) fields.emplace_back("pipeline", shortened(request.pipeline));
  if (!request.target.empty()) fields.emplace_back("target", shortened(request.target));
  fields.emplace_back("action", shortened(request.name));
  return fields;
}

void write(telemetry::Log& log, const admin::ActionRequest& request, std::size_t count,
           const std::string& detail) {
  std::vector<telemetry::Field> fields = fields_of(request);
  fields.insert(fields.end(), {{"count", std::uint64_t{count}}, {"detail", detail}});
  log.write(telemetry::Level::info, telemetry::Event::admin_action, fields);
}

}  // namespace

void log_reload(telemetry::Log& log, const std::string& done) {
  write(log, {.name = "reload"}, 1, done);
}

void log_refused(telemetry::Log& log, const admin::ActionRequest& request,
                 const admin::ActionReply& reply) {
  std::vector<telemetry::Field> fields = fields_of(request);
  fields.insert(fields.end(), {{"status", std::int32_t{reply.status}}, {"detail", reply.text}});
  log.write(telemetry::Level::warn, telemetry::Event::admin_action_refused, fields);
}

admin::ActionReply Actions::perform(const admin::ActionRequest& request) const {
  if (!request.target.empty()) return of_target(request);
  return request.pipeline.empty() ? set_log_level(request) : of_pipeline(request);
}

admin::ActionReply Actions::of_pipeline(const admin::ActionRequest& request) const {
  const auto run = parts_.find(request.pipeline);
  if (run == nullptr) {
    return {404, "there is no pipeline " + config::in_quotes(request.pipeline)};
  }
  if (const auto wish = pause_wish(request.name)) return pause(request, *wish);
  const auto action = parse_action(request);
  if (!action) return {400, action.error().text()};
  // First the gates, so that what the workers try is let through.
  const bool gates = action->kind == Action::Kind::retry && !action->partition;
  const std::size_t opened = gates ? run->open_gates() : 0;
  return ask_workers(request, *run, opened, [&](pipeline::Worker& worker, ActionDone done) {
    worker.perform(*action, std::move(done));
  });
}

admin::ActionReply Actions::pause(const admin::ActionRequest& request, PauseWish wish) const {
  if (request.parameters.contains("topic") || request.parameters.contains("partition")) {
    return {400, request.name + " is of a whole pipeline; leave topic and partition out"};
  }
  // Before the workers know: a run that takes their place meanwhile begins with it.
  const auto run = parts_.keep_pause(request.pipeline, wish);
  if (run == nullptr) return {503, "just starts anew; try again"};
  return ask_workers(request, *run, 0, [wish](pipeline::Worker& worker, ActionDone done) {
    worker.set_pause(wish, std::move(done));
  });
}

admin::ActionReply Actions::ask_workers(const admin::ActionRequest& request, const PipelineRun& run,
                                        std::size_t opened, const Ask& ask) const {
  // Also where nobody waits any more: the log is where an operator finds the former place.
  const auto log = [&log = log_, request](const ActionResult& all) {
    write(log, request, all.count, text_of(request, all));
  };
  const auto answers = std::make_shared<Answers>(run.workers().size(), opened, log);
  for (const auto& worker : run.workers()) {
    ask(*worker, [answers](const ActionResult& answer) { answers->add(answer); });
  }
  const auto all = answers->wait();
  if (!all) return {504, "a worker did not answer within 10 s; see /status"};
  return {all->count == 0 ? 409 : 200, text_of(request, *all)};
}

admin::ActionReply Actions::of_target(const admin::ActionRequest& request) const {
  const auto run = parts_.find_target(request.target);
  if (run == nullptr) return {404, "there is no target " + config::in_quotes(request.target)};
  if (request.name != "reset-breaker") {
    return {400, "there is no such action; there is reset-breaker"};
  }
  const std::size_t open = run->reset_breakers();
  const std::string text =
      open == 0 ? "no breaker of it, its pipelines or its tenants is open; see /status"
                : std::to_string(open) + (open == 1 ? " breaker" : " breakers") +
                      " no longer open: one request each tries again";
  write(log_, request, open, text);
  return {open == 0 ? 409 : 200, text};
}

admin::ActionReply Actions::set_log_level(const admin::ActionRequest& request) const {
  const auto wanted = request.parameters.find("level");
  const auto level =
      wanted == request.parameters.end() ? std::nullopt : telemetry::level_named(wanted->second);
  if (!level) return {400, "write ?level=debug, info, warn or error"};
  const telemetry::Level was = log_.level();
  const std::string name(to_string(*level));
  if (*level == was) {
    write(log_, request, 0, "the log level is " + name + " already");
    return {409, "the log level is " + name + " already"};
  }
  const std::string text = "the log level is " + name +
                           " until the next reload or restart; it was " +
                           std::string(to_string(was));
  // Under whichever of the two levels shows more.
  if (*level < was) log_.set_level(*level);
  write(log_, request, 1, text);
  log_.set_level(*level);
  return {200, text};
}

}  // namespace sluice::service
