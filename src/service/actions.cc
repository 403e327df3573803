#include "service/actions.h"

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "config/values.h"

namespace sluice::service {
namespace {

using pipeline::Action;
using pipeline::ActionResult;

constexpr auto kLongestForWorkers = std::chrono::seconds(10);

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

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

Result<void> read_partition(const admin::ActionRequest& request, Action& action) {
  const auto topic = request.parameters.find("topic");
  const auto partition = request.parameters.find("partition");
  const auto end = request.parameters.end();
  if (topic == end && partition == end) return {};
  const auto number =
      partition == end ? std::nullopt : parse_number<std::int32_t>(partition->second);
  if (topic == end || topic->second.empty() || !number) {
    return fail("a partition has a topic and a number", "write ?topic=NAME&partition=0");
  }
  action.partition = TopicPartition{topic->second, *number};
  return {};
}

Result<void> read_offset(const admin::ActionRequest& request, Action& action) {
  const auto offset = request.parameters.find("offset");
  const std::string text = offset == request.parameters.end() ? "" : offset->second;
  const auto number = parse_number<std::int64_t>(text);
  if (!action.partition || (!number && text != "earliest" && text != "latest")) {
    return fail("resume-from needs a partition and an offset",
                "write ?topic=NAME&partition=0&offset=earliest, latest or a number");
  }
  action.from = number             ? Action::From::offset
                : text == "latest" ? Action::From::latest
                                   : Action::From::earliest;
  action.offset = number.value_or(0);
  return {};
}

std::string done_text(const Action& action, std::size_t count) {
  switch (action.kind) {
    case Action::Kind::retry:
      return std::to_string(count) + " that stood still tried again";
    case Action::Kind::dead_letter:
      return std::to_string(count) + " suspect records on their way to the dead-letter topic";
    case Action::Kind::resume_from:
      break;  // says itself what it did
  }
  return {};
}

std::string nothing_text(const Action& action) {
  switch (action.kind) {
    case Action::Kind::retry:
      return "nothing stands still by a breaker, the refusal guard or a suspect record; see "
             "/status";
    case Action::Kind::dead_letter:
      return "no record is under suspicion here; see /status";
    case Action::Kind::resume_from:
      return "this process does not have the partition now; ask the one that has it";
  }
  return {};
}

void write(telemetry::Log& log, const admin::ActionRequest& request, const ActionResult& all) {
  std::vector<telemetry::Field> fields = {{"pipeline", request.pipeline},
                                          {"action", request.name},
                                          {"count", std::uint64_t{all.count}}};
  if (!all.text.empty()) fields.emplace_back("detail", all.text);
  log.write(telemetry::Level::info, telemetry::Event::admin_action, fields);
}

}  // namespace

Result<pipeline::Action> parse_action(const admin::ActionRequest& request) {
  Action action;
  if (request.name == "retry") {
    action.kind = Action::Kind::retry;
  } else if (request.name == "dead-letter") {
    action.kind = Action::Kind::dead_letter;
  } else if (request.name == "resume-from") {
    action.kind = Action::Kind::resume_from;
  } else {
    return fail("there is no such action", "there are retry, dead-letter and resume-from");
  }
  if (auto done = read_partition(request, action); !done) return tl::unexpected(done.error());
  if (action.kind != Action::Kind::resume_from) return action;
  if (auto done = read_offset(request, action); !done) return tl::unexpected(done.error());
  return action;
}

admin::ActionReply Actions::perform(const admin::ActionRequest& request) const {
  const auto pipeline = find_(request.pipeline);
  if (pipeline == nullptr) {
    return {404, "there is no pipeline " + config::in_quotes(request.pipeline)};
  }
  const auto action = parse_action(request);
  if (!action) return {400, action.error().text()};
  // First the gates, so that what the workers try is let through.
  const bool gates = action->kind == Action::Kind::retry && !action->partition;
  const std::size_t opened = gates ? pipeline->open_gates() : 0;
  // Also where nobody waits any more: the log is where an operator finds the former place.
  const auto log = [&log = log_, request](const ActionResult& all) { write(log, request, all); };
  const auto answers = std::make_shared<Answers>(pipeline->workers().size(), opened, log);
  for (const auto& worker : pipeline->workers()) {
    worker->perform(*action, [answers](const ActionResult& answer) { answers->add(answer); });
  }
  const auto all = answers->wait();
  if (!all) return {504, "a worker did not answer within 10 s; see /status"};
  const int status = all->count == 0 ? 409 : 200;
  if (!all->text.empty()) return {status, all->text};
  return {status, all->count == 0 ? nothing_text(*action) : done_text(*action, all->count)};
}

}  // namespace sluice::service
