// What an operator does by hand in a trial, and sees.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fault/trial.h"

namespace sluice::fault {

// True as soon as `/status` gives that reason for the partition.
bool stands(test::SluiceProcess& sluice, std::int32_t partition, const std::string& reason,
            std::chrono::milliseconds timeout = std::chrono::seconds(20));

// True as soon as `/status` has that text, such as `"state": "breaker_open"`.
bool says(test::SluiceProcess& sluice, const std::string& text,
          std::chrono::milliseconds timeout = std::chrono::seconds(20));

// The action of that name, to the newest process; throws unless it is done. `offset`: as an
// operator writes it.
void resume_from(Trial& trial, std::int32_t partition, const std::string& offset);

struct TextOfCommit {
  std::int64_t offset = 0;
  std::string metadata = {};
};
// Of the partitions from 0 on; the group has no members.
void commit_with_metadata(Trial& trial, const std::vector<TextOfCommit>& commits);

// SIGTERM to the newest one, which has to end well.
void stop_sluice(Trial& trial);

// Throws unless all that was written so far has arrived and is committed. The feed is stopped.
void wait_until_all_is_done(Trial& trial);

}  // namespace sluice::fault
