// An API that keeps accounts of what it took, and the reconciliation of those accounts with the
// broker's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/kafka_broker.h"
#include "support/scripted_server.h"

namespace sluice::test {

// "<topic>-<partition>-<number>": every test record is {"id":"<that>",...}.
std::string record_id(const std::string& topic, std::int32_t partition, std::int64_t number);

// Takes records by their ids. Thread-safe, as its handler has to be.
class RecordingApi {
 public:
  // What to answer; a 2xx without a fault takes the records.
  using Answer = std::function<Reply(const SeenRequest&, const std::vector<std::string>& ids)>;

  // By default it takes everything and forgets the requests themselves.
  explicit RecordingApi(Answer answer = take_all(),
                        ScriptedServer::Options options = {.remember = false});

  static Answer take_all();
  static Answer always(Reply reply);

  ScriptedServer& server() { return server_; }
  std::string url() const { return server_.url(); }
  void answer_with(Answer answer);
  // For an answer that takes some records only: it takes these, and replies taking_none().
  void take(const std::vector<std::string>& ids);
  // A reply that takes no record by itself, whatever its status.
  static Reply taking_none(int status, const std::string& body);
  // How long a request is at work before it is answered. Two of one partition that are at work at
  // the same time overlap. For short times only: the server's stop() waits.
  void work_for(std::chrono::milliseconds time);

  // Different ids taken so far, and how often each was.
  std::size_t distinct() const;
  std::map<std::string, int> taken() const;
  bool took(const std::string& id) const;
  bool wait_for_distinct(std::size_t count, std::chrono::milliseconds timeout) const;
  bool wait_for_id(const std::string& id, std::chrono::milliseconds timeout) const;

  // Both empty where `order: partition` holds, the second one while one process sends. In plain
  // words: ids first taken after a later one of their partition; requests that overlapped.
  std::vector<std::string> disorder() const;
  std::vector<std::string> overlaps() const;

 private:
  Reply handle(const SeenRequest& request);
  void note_taken(const std::vector<std::string>& ids);

  mutable std::mutex mutex_;  // guards what follows
  Answer answer_;
  std::chrono::milliseconds work_{0};
  std::map<std::string, int> taken_;
  std::map<std::string, std::int64_t> highest_;  // by lane: "<topic>-<partition>"
  std::multiset<std::string> lanes_at_work_;
  std::vector<std::string> disorder_;
  std::vector<std::string> overlaps_;

  ScriptedServer server_;  // last: its handler uses what stands above
};

// The accounts of one topic: where every record that carries an id has ended.
struct Accounts {
  std::vector<std::string> lost;      // committed, yet neither taken nor dead-lettered
  std::vector<std::string> invented;  // taken, yet not in the topic
  std::vector<std::string> repeated;  // taken and dead-lettered more than once altogether
  std::vector<std::string> dead;      // in the dead-letter topic, sorted, each once
  std::size_t uncommitted = 0;        // records that the commits do not cover

  friend bool operator==(const Accounts&, const Accounts&) = default;
};
// `apis` took the records of `topic` (and of no other) from group_of(topic).
Accounts reconcile(const KafkaBroker& broker, const std::string& topic,
                   const std::vector<const RecordingApi*>& apis,
                   const std::string& dead_letter_topic = "");
void PrintTo(const Accounts& accounts, std::ostream* out);

}  // namespace sluice::test
