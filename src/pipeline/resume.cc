#include "pipeline/resume.h"

#include <algorithm>

namespace sluice::pipeline {
namespace {

std::string name_of(const TopicPartition& of) {
  return of.topic + "/" + std::to_string(of.partition);
}

std::string place(std::optional<std::int64_t> offset) {
  return offset ? std::to_string(*offset) : "none";
}

// What Kafka deleted before it was read costs records, too.
std::string deleted_unread(const FormerPlace& before, const kafka::LogBounds& log) {
  const std::int64_t next = before.next.value_or(before.committed.value_or(log.start));
  if (next >= log.start) return "";
  return ", deleted before they were read: " + std::to_string(log.start - next);
}

std::int64_t offset_of(const Action& action, const kafka::LogBounds& log) {
  switch (action.from) {
    case Action::From::earliest:
      return log.start;
    case Action::From::latest:
      return log.end;
    case Action::From::offset:
      return action.offset;
  }
  return action.offset;
}

}  // namespace

Result<Resume> plan_resume(const Action& action, const FormerPlace& before,
                           const kafka::LogBounds& log) {
  const std::string name = name_of(action.partition.value_or(TopicPartition{}));
  const std::int64_t to = offset_of(action, log);
  if (to < log.start || to > log.end) {
    return fail("offset " + std::to_string(to) + " is not in the log of " + name +
                    ", which begins at " + std::to_string(log.start) + " and ends at " +
                    std::to_string(log.end),
                "write a number from the one to the other, earliest or latest");
  }
  // Only of what is there now: a former place may lie outside.
  const auto there = [&](std::optional<std::int64_t> offset) {
    return std::clamp(offset.value_or(log.start), log.start, log.end);
  };
  const std::int64_t done = there(before.committed);
  const std::int64_t read = std::max(done, there(before.next));
  // Gaps of compaction and transactions count as well: nobody knows where they are.
  return Resume{to, name + " goes on at " + std::to_string(to) + "; before: committed " +
                        place(before.committed) + ", next to read " + place(before.next) +
                        "; skipped: " + std::to_string(std::max(to - done, std::int64_t{0})) +
                        ", read again: " + std::to_string(std::max(read - to, std::int64_t{0})) +
                        deleted_unread(before, log)};
}

}  // namespace sluice::pipeline
