#include "base/failpoint.h"

#include <charconv>
#include <string>

#ifdef SLUICE_FAILPOINTS
#include <csignal>
#include <cstdlib>
#include <optional>
#endif

namespace sluice {

std::string_view to_string(Failpoint point) {
  switch (point) {
    case Failpoint::record_polled:
      return "record_polled";
    case Failpoint::request_made:
      return "request_made";
    case Failpoint::answer_received:
      return "answer_received";
    case Failpoint::outcome_noted:
      return "outcome_noted";
    case Failpoint::commit_asked:
      return "commit_asked";
    case Failpoint::commit_confirmed:
      return "commit_confirmed";
    case Failpoint::dead_letter_written:
      return "dead_letter_written";
    case Failpoint::dead_letter_confirmed:
      return "dead_letter_confirmed";
    case Failpoint::draining:
      return "draining";
    case Failpoint::revoke_committed:
      return "revoke_committed";
  }
  return "unknown";
}

namespace {

std::string all_names() {
  std::string all;
  for (const Failpoint point : kAllFailpoints) {
    all += (all.empty() ? "" : ", ") + std::string(to_string(point));
  }
  return all;
}

Result<std::uint32_t> parse_count(std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0) {
    return fail("\"" + std::string(text) + "\" is no count of passings",
                "write a number from 1 behind the colon");
  }
  return count;
}

}  // namespace

Result<FailpointChoice> parse_failpoint(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  FailpointChoice choice;
  if (colon != std::string_view::npos) {
    const auto count = parse_count(text.substr(colon + 1));
    if (!count) return tl::unexpected(count.error());
    choice.count = *count;
  }
  for (const Failpoint point : kAllFailpoints) {
    if (to_string(point) != name) continue;
    choice.point = point;
    return choice;
  }
  return fail("there is no failpoint \"" + std::string(name) + "\"",
              "choose one of " + all_names());
}

#ifdef SLUICE_FAILPOINTS
namespace {

// Written once, before there are other threads.
std::optional<FailpointCountdown> armed;

}  // namespace

Result<void> arm_failpoint() {
  const char* text = std::getenv("SLUICE_FAILPOINT");
  if (text == nullptr) return {};
  const auto choice = parse_failpoint(text);
  if (!choice) return fail("SLUICE_FAILPOINT: " + choice.error().cause, choice.error().remedy);
  armed.emplace(*choice);
  return {};
}

void pass_failpoint(Failpoint point) {
  if (armed && armed->pass(point)) std::raise(SIGKILL);
}
#endif

}  // namespace sluice
