// What a cluster says of itself, of topics and of groups. Nothing here joins a group, commits or
// writes a record.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/record.h"
#include "base/result.h"
#include "kafka/options.h"

namespace sluice::kafka {

// Each question blocks for about this long at most.
inline constexpr Duration kProbeTimeout = std::chrono::seconds(5);

struct BrokerFacts {
  std::string address;  // host:port as the cluster names it: advertised.listeners
  std::string trouble;  // why it does not answer there; empty: it does
  // The longest metadata of a commit that it takes; nullopt where it does not tell.
  std::optional<std::size_t> metadata_bytes = std::nullopt;
};

struct ClusterFacts {
  std::string id;  // empty: the cluster tells none
  std::vector<BrokerFacts> brokers;
};

enum class Presence : std::uint8_t {
  found,
  missing,
  hidden,  // we may not even ask
};

struct TopicFacts {
  Presence presence = Presence::missing;
  std::int32_t partitions = 0;
  std::int32_t leaderless = 0;  // of them
};

struct TopicSettings {
  std::optional<std::size_t> max_message_bytes;
  bool compacted = false;  // cleanup.policy: alone or beside deletion
};

struct GroupFacts {
  Presence presence = Presence::missing;
  std::string state;  // in the broker's word: Stable, Empty
  std::size_t members = 0;
  std::vector<std::string> instance_ids;             // of static members
  std::map<TopicPartition, std::int64_t> committed;  // of what was asked for and has an offset
};

struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t end = 0;  // behind the last record
};

enum class Access : std::uint8_t {
  granted,
  denied,
  unknown,  // only trying would tell
};

// For one thread. Names and offsets are as of the moment of the call.
class ClusterProbe {
 public:
  virtual ~ClusterProbe() = default;

  // The error says what the brokers answered instead: nothing, no TLS, a refused login.
  virtual Result<ClusterFacts> cluster() = 0;
  // Of those that we may see.
  virtual Result<std::vector<std::string>> topic_names() = 0;
  virtual Result<TopicFacts> topic(const std::string& name) = 0;
  virtual Result<GroupFacts> group(const std::string& name,
                                   const std::vector<TopicPartition>& partitions) = 0;
  virtual Result<OffsetRange> range(const TopicPartition& partition) = 0;
  // nullopt where we may not ask.
  virtual std::optional<TopicSettings> topic_settings(const std::string& name) = 0;

  // Of a topic and a group that are there.
  virtual Access read_topic(const std::string& name) = 0;
  virtual Access write_topic(const std::string& name) = 0;
  virtual Access join_group(const std::string& name) = 0;
};

// Connects when it is first asked.
Result<std::unique_ptr<ClusterProbe>> make_cluster_probe(const ClientOptions& options);

}  // namespace sluice::kafka
