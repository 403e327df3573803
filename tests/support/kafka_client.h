// What tests write to a broker and read back from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct NewRecord {
  std::optional<std::string> value;  // nullopt: a tombstone
  std::optional<std::string> key = std::nullopt;
  std::int32_t partition = -1;  // -1: by key, or any
  Headers headers = {};
  std::int64_t timestamp_ms = 0;  // 0: now
};

struct StoredRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;  // the producer's, or the broker's where the topic says so
  std::optional<std::string> key;
  std::optional<std::string> value;
  Headers headers;
};

// An idempotent producer. Records of one partition stay in the order they were added.
class TopicWriter {
 public:
  TopicWriter(const std::string& brokers, std::string topic);
  ~TopicWriter();
  TopicWriter(const TopicWriter&) = delete;
  TopicWriter& operator=(const TopicWriter&) = delete;

  // Blocks while the producer's queue is full.
  void add(const NewRecord& record);
  // Returns when the broker has confirmed every record; throws when it did not.
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

void produce(const std::string& brokers, const std::string& topic,
             const std::vector<NewRecord>& records);

// What of transactions is read: only the committed ones, or the log as it is.
enum class Isolation : std::uint8_t { committed, uncommitted };

// All records from the beginning to the present end, in the order of offsets within a partition.
std::vector<StoredRecord> read_topic(const std::string& brokers, const std::string& topic,
                                     Isolation isolation = Isolation::committed);

// Per partition of `topic`: the next offset that will be written.
std::vector<std::int64_t> end_offsets(const std::string& brokers, const std::string& topic);

// Per partition of `topic`: what `group` has committed; -1: nothing. Does not join the group.
std::vector<std::int64_t> committed_offsets(const std::string& brokers, const std::string& group,
                                            const std::string& topic);

// The id that Kafka gave itself when its storage was formatted.
std::string cluster_id(const std::string& brokers);

// Commits for a group without members, as an operator's tool would.
void commit_offsets(const std::string& brokers, const std::string& group, const std::string& topic,
                    const std::vector<std::int64_t>& offsets);

struct GroupMember {
  std::string id;
  std::string client_id;
  std::string instance_id;  // of static members
  std::vector<std::pair<std::string, std::int32_t>> assignment;
};
// Empty for a group that does not exist.
std::vector<GroupMember> group_members(const std::string& brokers, const std::string& group);

// False when the group does not come to have exactly `members`, each with an assignment, in time.
bool wait_for_members(const std::string& brokers, const std::string& group, std::size_t members,
                      std::chrono::milliseconds timeout);

}  // namespace sluice::test
