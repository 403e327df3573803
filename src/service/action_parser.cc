#include "service/action_parser.h"

#include <charconv>
#include <string>

namespace sluice::service {
namespace {

using pipeline::Action;
using pipeline::PauseWish;

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

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

}  // namespace

std::optional<PauseWish> pause_wish(std::string_view name) {
  if (name == "pause") return PauseWish::pause;
  if (name == "drain") return PauseWish::drain;
  if (name == "resume") return PauseWish::none;
  return std::nullopt;
}

Result<pipeline::Action> parse_action(const admin::ActionRequest& request) {
  Action action;
  if (request.name == "retry") {
    action.kind = Action::Kind::retry;
  } else if (request.name == "dead-letter") {
    action.kind = Action::Kind::dead_letter;
  } else if (request.name == "resume-from") {
    action.kind = Action::Kind::resume_from;
  } else {
    return fail("there is no such action",
                "there are pause, drain, resume, retry, dead-letter and resume-from");
  }
  if (auto done = read_partition(request, action); !done) return tl::unexpected(done.error());
  if (action.kind != Action::Kind::resume_from) return action;
  if (auto done = read_offset(request, action); !done) return tl::unexpected(done.error());
  return action;
}

}  // namespace sluice::service
