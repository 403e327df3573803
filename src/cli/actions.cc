#include "cli/actions.h"

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "config/values.h"

namespace sluice::cli {
namespace {

using pipeline::Action;

constexpr auto kLongestWait = std::chrono::seconds(10);

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
  explicit Answers(std::size_t expected) : missing_(expected) {}

  void add(std::size_t count) {
    const std::lock_guard lock(mutex_);
    sum_ += count;
    --missing_;
    changed_.notify_all();
  }
  // nullopt: some did not answer in time.
  std::optional<std::size_t> wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLongestWait, [this] { return missing_ == 0; })) return {};
    return sum_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t missing_;
  std::size_t sum_ = 0;
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
      return "going on from there";
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
  const auto found = pipelines_.find(request.pipeline);
  if (found == pipelines_.end()) {
    return {404, "there is no pipeline " + config::in_quotes(request.pipeline)};
  }
  const auto action = parse_action(request);
  if (!action) return {400, action.error().text()};
  const Pipeline& pipeline = found->second;
  const auto answers = std::make_shared<Answers>(pipeline.workers.size());
  // First the gates, so that what the workers try is let through.
  const bool gates = action->kind == Action::Kind::retry && !action->partition;
  const std::size_t opened = gates ? pipeline.open_gates() : 0;
  for (pipeline::Worker* worker : pipeline.workers) {
    worker->perform(*action, [answers](std::size_t count) { answers->add(count); });
  }
  const auto count = answers->wait();
  if (!count) return {504, "a worker did not answer within 10 s; see /status"};
  const std::size_t all = *count + opened;
  log_.write(
      telemetry::Level::info, telemetry::Event::admin_action,
      {{"pipeline", request.pipeline}, {"action", request.name}, {"count", std::uint64_t{all}}});
  if (all == 0) return {409, nothing_text(*action)};
  return {200, done_text(*action, all)};
}

}  // namespace sluice::cli
