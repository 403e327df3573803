#include "fault/operator.h"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <stdexcept>

#include "fault/wall_time.h"
#include "support/eventually.h"
#include "support/kafka_client.h"
#include "support/rdkafka_handles.h"

namespace sluice::fault {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kLookEvery(50);
constexpr std::int64_t kCommitSoonMs = 10'000;  // by Sluice, when none is under way

// Of "... goes on at 40; before: committed 100, ..." what follows the words; -1: "none".
std::int64_t offset_after(const std::string& words, const std::string& answer) {
  const std::size_t at = answer.find(words);
  if (at == answer.npos) throw std::runtime_error("resume-from answers: " + answer);
  const std::string rest = answer.substr(at + words.size());
  return rest.starts_with("none") ? -1 : std::stoll(rest);
}

}  // namespace

bool stands(test::SluiceProcess& sluice, std::int32_t partition, const std::string& reason,
            std::chrono::milliseconds timeout) {
  const std::string wanted =
      "\"partition\":" + std::to_string(partition) + ",\"reason\":\"" + reason + "\"";
  const auto holds = [&] {
    std::string status = sluice.status();
    std::erase_if(status, [](unsigned char c) { return std::isspace(c) != 0; });
    return status.find(wanted) != status.npos;
  };
  return test::eventually(holds, timeout, kLookEvery);
}

bool says(test::SluiceProcess& sluice, const std::string& text, std::chrono::milliseconds timeout) {
  return test::eventually([&] { return sluice.status().find(text) != std::string::npos; }, timeout,
                          kLookEvery);
}

void resume_from(Trial& trial, std::int32_t partition, const std::string& offset) {
  const std::int64_t from_ms = now_ms();
  int code = 0;
  const std::string answer =
      trial.sluice().post("/-/pipelines/p/resume-from?topic=" + trial.topic() +
                              "&partition=" + std::to_string(partition) + "&offset=" + offset,
                          kAdminToken, &code);
  Trial::require(code == 200, "resume-from is refused: " + answer);
  // Forwards it needs no excuse, and may be said with what is delivered next.
  const std::int64_t to = offset_after("goes on at ", answer);
  if (to < offset_after("before: committed ", answer)) {
    trial.note_operator({partition, to, {from_ms, now_ms() + kCommitSoonMs}});
  }
  trial.note(answer.substr(0, answer.find('\n')));
}

void commit_with_metadata(Trial& trial, const std::vector<TextOfCommit>& commits) {
  const test::RdKafka client =
      test::make_client(RD_KAFKA_CONSUMER, trial.brokers(), {{"group.id", trial.group()}});
  const test::RdPartitions list(rd_kafka_topic_partition_list_new(1));
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    const auto& [offset, metadata] = commits[i];
    auto* const made =
        rd_kafka_topic_partition_list_add(list.get(), trial.topic().c_str(), partition);
    made->offset = offset;
    made->metadata_size = metadata.size();
    made->metadata = rd_kafka_mem_malloc(client.get(), metadata.size() + 1);
    std::copy_n(metadata.c_str(), metadata.size() + 1, static_cast<char*>(made->metadata));
  }
  const std::int64_t from_ms = now_ms();
  test::require(rd_kafka_commit(client.get(), list.get(), 0), "commit of " + trial.group());
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    trial.note_operator({partition, commits[i].offset, {from_ms, now_ms()}});
  }
}

void stop_sluice(Trial& trial) {
  trial.sluice().signal(SIGTERM);
  const auto status = trial.sluice().wait(seconds(30));
  Trial::require(status && status->code == 0, "Sluice does not end well on SIGTERM");
}

void wait_until_all_is_done(Trial& trial) {
  const auto ends = test::end_offsets(trial.brokers(), trial.topic());
  const auto done = [&] {
    return test::committed_offsets(trial.brokers(), trial.group(), trial.topic()) == ends;
  };
  Trial::require(test::eventually(done, seconds(30), kLookEvery),
                 "the commits do not reach the ends");
}

}  // namespace sluice::fault
