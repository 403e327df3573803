// One scenario's stage: a topic that is being written to, an API, Sluice between them, and the
// reckoning at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fault/feed.h"
#include "fault/scenario.h"
#include "fault/witness_api.h"
#include "support/process.h"

namespace sluice::fault {

inline constexpr const char* kAdminToken = "fault-admin-token";

struct Setup {
  std::int32_t partitions = 4;
  std::int32_t replicas = 1;
  std::map<std::string, std::string> topic_configs = {};
  std::int64_t per_second = 1000;
  int keys = 0;  // as in FeedOptions, as are the next three
  std::size_t padding = 0;
  std::int64_t poison_every = 0;
  std::function<bool(std::int32_t partition, std::int64_t number)> poison = nullptr;
  WitnessApi::Options api = {};

  // Sluice's configuration. Further keys are in flow style: "timeout: 1s, max_in_flight: 2".
  std::string topics = {};  // empty: the trial's own
  std::string order = "partition";
  int max_records = 50;
  int max_unconfirmed = 8;
  std::string kafka = {};   // librdkafka properties
  std::string target = {};  // beside base_url, timeout and circuit_breaker
  std::string timeouts = "timeout: 2s, circuit_breaker: {open_for: 1s}";  // of the target
  std::string pipeline = {};        // beside topics, group, order, batch, dead_letter
  std::string dead_letter = {};     // further keys of it, or "none"
  std::string more_pipelines = {};  // lines; they read other topics
  std::string top = {};             // lines of the top level
  std::string log_level = "info";   // debug: no line is held back
  std::string url = {};             // where Sluice finds the API; empty: where it is
  std::string brokers = {};         // where Sluice finds Kafka; empty: where it is
};

class Trial {
 public:
  // Makes the topics "<scenario>" and "<scenario>.dlq", the API and the feed, which does not write
  // yet. `brokers`: where the harness finds Kafka.
  Trial(Run& run, std::string brokers, Setup setup = {});
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  const std::string& brokers() const { return brokers_; }
  const std::string& topic() const { return topic_; }
  std::string dead_letter_topic() const { return topic_ + ".dlq"; }
  std::string group() const { return topic_ + "-group"; }
  Feed& feed() { return *feed_; }
  WitnessApi& api() { return *api_; }
  const WitnessApi& api() const { return *api_; }
  const Book& book() const { return book_; }
  Book& book() { return book_; }

  // One more process on this trial's configuration; all of them are stopped and judged at the end.
  test::SluiceProcess& start_sluice(const test::SluiceOptions& options = {});
  test::SluiceProcess& sluice() { return *sluices_.back(); }  // the newest
  test::SluiceProcess& sluice(std::size_t index) { return *sluices_.at(index); }
  std::size_t sluice_count() const { return sluices_.size(); }
  // The feed writes, Sluice runs, and records of every partition have arrived.
  void start(const test::SluiceOptions& options = {});

  // True as soon as `/status` of the newest one has that in it.
  bool shows(const std::string& text, std::chrono::milliseconds timeout = std::chrono::seconds(20));
  // True as soon as something new of every partition that the trial began with is taken.
  bool flows(std::chrono::milliseconds timeout = std::chrono::seconds(40));
  // SIGTERM of the oldest one that has had none; the end is waited for in finish().
  void end_the_oldest();
  // SIGKILL of the newest one.
  void kill_sluice();
  // The newest one ends by itself (a failpoint), by SIGKILL.
  void wait_for_death() { wait_for_death(sluice()); }
  void wait_for_death(test::SluiceProcess& dying);
  // The next process must not be expected to end well: it was killed.
  void operator_commits(const std::vector<std::int64_t>& offsets);
  // The group's offsets are deleted; it has no members.
  void operator_forgets();
  // Tells the judge of a membership that may have been lost; deaths it knows of.
  void note_loss(const Span& loss) { losses_.push_back(loss); }
  // Tells the judge, of what the two above do not do.
  void note_operator(const OperatorCommit& commit) { by_operator_.push_back(commit); }
  // Deletes the topic, and with it the group's commits.
  void delete_topic();
  // From here on the judge expects things to get well. Called by finish(), if not before.
  void heal();
  // Where it does not hold that is a wrong; the trial goes on, and the judge has its say, too.
  void expect(bool holds, const std::string& what);
  // Throws with `what` when it does not hold.
  static void require(bool holds, const std::string& what);
  void note(const std::string& text);

  // Heals, waits until a fresh record of every partition and all before it have arrived and are
  // committed, ends Sluice and judges. Deaths that the trial waited for are losses without
  // further words.
  void finish(Allowed allowed = {});

 private:
  std::string config() const;
  std::string dead_letters() const;
  void wait_for_the_rest(const Allowed& allowed);
  void note_peak(test::SluiceProcess& sluice);
  void end_sluices();
  Evidence gather() const;
  void keep_logs() const;

  Run& run_;
  const std::string brokers_;
  const std::string topic_;
  const Setup setup_;
  Book book_;
  std::unique_ptr<WitnessApi> api_;
  std::unique_ptr<Feed> feed_;
  std::vector<std::unique_ptr<test::SluiceProcess>> sluices_;
  std::set<const test::SluiceProcess*> ending_;  // they have had their SIGTERM
  std::vector<OperatorCommit> by_operator_;
  std::int64_t healed_ms_ = 0;
  std::vector<Span> losses_;
  std::vector<Span> resets_;
  std::set<const test::SluiceProcess*> dead_;  // as the trial meant it
  std::vector<std::string> wrongs_;
};

}  // namespace sluice::fault
