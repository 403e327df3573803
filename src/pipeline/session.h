// One life of a group member: from joining to leaving, or to an error it cannot survive.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "batch/batch.h"
#include "codec/record_codec.h"
#include "commit/committer.h"
#include "commit/metadata.h"
#include "dead_letter/outbox.h"
#include "deliver/deliverer.h"
#include "deliver/pipeline_admission.h"
#include "http/client.h"
#include "kafka/consumer.h"
#include "kafka/offset_lookup.h"
#include "pipeline/action.h"
#include "pipeline/background.h"
#include "pipeline/freeze_watch.h"
#include "pipeline/mailbox.h"
#include "pipeline/operator_pause.h"
#include "pipeline/partition.h"
#include "pipeline/read_ahead.h"
#include "pipeline/stall.h"
#include "pipeline/topic_watch.h"
#include "pipeline/unowned_partitions.h"
#include "pipeline/worker_parts.h"

namespace sluice::pipeline {

// Owns everything on a record's way (consumer, batchers, deliveries, ledgers) and runs it in one
// loop without locks: run() reads top to bottom as a record goes. It sleeps in one place,
// http::Client::poll, woken by sockets, by the mailbox's eventfd and by its next deadline.
// Used by one thread; others speak through the mailbox.
class Session final : private deliver::DeliverySink {
 public:
  enum class End : std::uint8_t {
    stopped,  // stop() was followed: everything answered is committed, the group was left
    fatal,    // the consumer is dead; a new session starts where the commits stand
  };

  static Result<std::unique_ptr<Session>> create(const WorkerOptions& options,
                                                 const WorkerParts& parts,
                                                 std::shared_ptr<Mailbox> mailbox,
                                                 http::SharedConnection connection);
  ~Session() override;

  End run();
  // Stops reading and sending, lets what is under way be answered, commits, leaves the group: all
  // within about `timeout`. From run()'s thread, so from a mailbox message.
  void stop(Duration timeout);
  // Likewise, as Worker says.
  void perform(const Action& action, const ActionDone& done);
  // Records that were read and have no outcome yet.
  std::size_t set_pause(PauseWish wish);
  void set_memory(std::size_t share, std::size_t dead_letter_window);
  void use_connection(http::SharedConnection connection) { http_->use(std::move(connection)); }

  // Why the session ended with `fatal`.
  const std::string& fatal_error() const { return fatal_error_; }
  bool joined() const { return joined_; }
  bool fenced() const { return fenced_; }

 private:
  enum class Phase : std::uint8_t { starting, running, stopping };

  // How long a full partition may hold up the others (nothing is polled) before it is paused.
  // Pausing throws prefetched records away, so it is for targets that are slow or down.
  static constexpr Duration kPatience = std::chrono::milliseconds(100);
  // The same where it holds up nobody, since no other would read on; but rebalances wait as well.
  static constexpr Duration kPatienceAlone = std::chrono::milliseconds(500);

  // Batches of a partition that stand for their tenants: each costs more than its records.
  static constexpr std::size_t kMostAside = 1000;

  // What has to be known of partitions before they are read.
  struct AssignmentQuestion {
    std::vector<TopicPartition> partitions;
    std::string cluster_id;  // as far as it is known
    bool last_try = false;   // what no broker answers about one partition holds up no other
  };
  struct KeptAhead {
    std::vector<commit::OffsetRange> finished;
    std::optional<std::int64_t> log_end;  // nullopt: nobody knew
  };
  struct AssignmentFacts {
    std::map<TopicPartition, kafka::Committed> committed;
    std::map<TopicPartition, KeptAhead> ahead;
    std::string cluster_id;
    std::size_t partitions_of_group = 0;
  };

  struct Revoke {
    std::vector<TopicPartition> partitions;
    bool lost = false;
    Instant deadline;
  };

  Session(const WorkerOptions& options, const WorkerParts& parts, std::shared_ptr<Mailbox> mailbox,
          std::unique_ptr<kafka::Consumer> consumer, std::unique_ptr<http::Client> http,
          std::unique_ptr<codec::Schema> schema);

  // session.cc: the loop
  void turn();
  void sleep(Instant now);
  Duration longest_sleep(Instant now);
  bool stopped_draining(Instant now) const;
  void leave();

  // session_records.cc: from the consumer into batches
  bool may_poll() const;
  void poll_records(Instant now);
  void take_record(const kafka::PolledRecord& polled, Instant now);
  void reject(Partition& partition, const RecordView& record, Ticket ticket,
              codec::Rejection rejection);
  Partition* find(std::string_view topic, std::int32_t number);
  bool holds_enough(const Partition& partition) const;
  std::size_t shared_memory() const;
  bool holds_little(const Partition& partition) const;
  void note_fullness(Partition& partition, Instant now);
  void regulate_flow(Instant now);
  Duration patience() const;
  std::unique_ptr<batch::Batch> next_batch(Partition& partition) const;
  bool needs_commit_soon(const Partition& partition) const;
  bool stands_for_ever(const Partition& partition) const;
  void start_batches(Instant now);
  bool may_start() const;

  // session_outcomes.cc: from outcomes to commits
  void delivered(LaneId lane, const batch::Batch& batch, batch::Range records) override;
  void refused(LaneId lane, const batch::Batch& batch, std::size_t record,
               codec::DeadLetterCause cause) override;
  void dropped(LaneId lane, const batch::Batch& batch, std::size_t record) override;
  void held(LaneId lane, const batch::Batch& batch, bool held) override;
  void stands(LaneId lane, const batch::Batch& batch, bool stands) override;
  void stands_sent(LaneId lane, const batch::Batch& batch, bool sent) override;
  bool may_go_on(LaneId lane, const batch::Batch& batch, std::size_t first) const override;
  void finished(LaneId lane, std::unique_ptr<batch::Batch> batch) override;
  void note_progress(Partition& partition);
  void complete(Partition& partition, Ticket ticket);
  void dead_letter_confirmed(LaneId lane, Ticket ticket);
  void send_dead_letter(Partition& partition, dead_letter::DeadLetter letter);
  dead_letter::DeadLetter letter_for(const Partition& partition, Ticket ticket,
                                     codec::DeadLetterCause cause) const;
  void commit(Instant now);
  void send_commit(std::vector<commit::CommitItem> items, Instant now);
  void take_commit_result(Duration wait, Instant now);
  void commit_failed(const kafka::CommitResult& result, Instant now);
  void commit_and_wait(Duration limit);

  // session_anew.cc: topics that were made anew under us
  std::vector<commit::CommitItem> provable(std::vector<commit::CommitItem> items, Instant now);
  void look_at_commits(Instant now);
  void look_and_wait(Duration limit);
  std::vector<TopicPartition> partitions_of(const std::vector<LaneId>& lanes) const;
  std::vector<LaneId> take_look(const TopicWatch::Look& look,
                                const Result<kafka::CommitsAsTold>& told);
  std::set<LaneId> with_their_topics(const std::vector<LaneId>& anew) const;
  void park_made_anew(Partition& before);

  // session_joining.cc
  static Stall no_topic_matches(const std::vector<std::string>& patterns);
  void start_joining();
  void join();
  std::vector<std::string> subscription() const;
  void retry_later(const Error& error, std::function<void()> what);
  std::function<void()> off_loop(std::function<std::function<void()>()> task);

  // session_group.cc: rebalances, errors of Kafka
  void take_events(Instant now);
  void take_event(kafka::ConsumerEvent event);
  void take_partition_error(const kafka::ConsumerEvent& event);
  void serve_rebalances(Instant now);
  void begin_revoke(kafka::ConsumerEvent event, Instant now);
  bool drained() const;
  void finish_revoke();
  void abandon(const std::vector<TopicPartition>& partitions);
  void doubt_membership();
  void check_brokers(Instant now);
  void brokers_serve_us();

  // session_assignment.cc: what a partition begins with
  void begin_assign(std::vector<TopicPartition> partitions);
  static Result<AssignmentFacts> look_up_facts(const kafka::Consumer& consumer,
                                               const AssignmentQuestion& question,
                                               const WorkerOptions& options);
  static Result<void> look_up_ahead(const kafka::Consumer& consumer, bool last_try,
                                    AssignmentFacts& facts);
  void look_up_offsets();
  void finish_assign(const AssignmentFacts& facts);
  void restore(Partition& partition, const KeptAhead& ahead);
  Partition& add_partition(const TopicPartition& of, std::optional<std::int64_t> offset);
  commit::Origin origin_of(const TopicPartition& of) const;
  void tell_share(Instant now);

  // session_unowned.cc: partitions that no member of the group reads
  void look_at_group(Instant now);
  void divide_anew(const std::vector<TopicPartition>& unowned);
  bool settled() const;

  // session_pause.cc: while an operator wants it to stand still
  void hold_partitions();
  Stall pause_stall() const;
  OperatorPause::Left left_to_drain() const;

  // session_actions.cc: what operators want
  void look_up_log(const Action& action, const ActionDone& done);
  ActionResult resume(const Action& action, const Result<kafka::LogBounds>& log);
  Result<void> resume_at(Partition& before, std::int64_t offset);
  Result<void> pass_over_gap(Partition& partition, std::int64_t offset);
  Result<void> move(const Partition& partition);
  bool moved_again(Partition& partition, const kafka::ConsumerEvent& event);

  // session_report.cc: what others see
  void report(Instant now);
  telemetry::WorkerStatus status_now(Instant now) const;
  std::vector<telemetry::TenantStatus> tenants_that_stand(Instant now, WallTime wall) const;
  telemetry::PartitionStatus status_of(const Partition& partition, Instant now,
                                       WallTime wall) const;
  std::size_t memory_used() const { return meter_.used() + (outbox_ ? outbox_->bytes() : 0); }
  // Without idle batches, which the next records take.
  std::size_t memory_of_batches() const { return meter_.used() - pool_.idle_bytes(); }
  void look_up_log_ends(Instant now);

  // session_metrics.cc
  void update_lag();
  void update_ages(Instant now);
  std::int64_t scalable_lag(Instant now) const;
  void tell_metrics(const telemetry::WorkerStatus& status);

  // session_stalls.cc: what holds it up
  Stall current_stall() const;
  Stall worker_stall() const;
  Stall kafka_stall() const;
  Stall commit_stall() const;
  Stall target_stall() const;
  Stall closed_stall() const;
  Stall stall_of(const deliver::Admission::Closed& closed) const;
  Stall stall_of(const Partition& partition) const;
  Stall stall_of(const deliver::Deliverer::StandingTenant& standing) const;
  Stall blocked_stall(const Partition& partition) const;
  Stall waiting_stall(const Partition& partition) const;
  Stall shown_stall(const Partition& partition) const;
  bool commit_is_slow() const;
  bool has_read_anything() const;

  const WorkerOptions options_;
  const WorkerParts parts_;
  const std::shared_ptr<Mailbox> mailbox_;
  SeededRandom random_;

  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<http::Client> http_;
  batch::MemoryMeter meter_;
  batch::BatchPool pool_;
  codec::RecordCodec codec_;
  codec::Router router_;
  std::map<LaneId, Partition> partitions_;
  deliver::PipelineAdmission admission_;
  deliver::Deliverer deliverer_;
  std::optional<dead_letter::Outbox> outbox_;
  commit::Committer committer_;
  std::size_t memory_share_;
  ReadAhead read_ahead_;
  FreezeWatch freeze_;
  FreezeWatch pause_;  // much shorter: what a topic can be made anew in
  TopicWatch topic_watch_;
  OperatorPause operator_pause_;
  StallWatch stall_watch_{StallReason::starting};

  Phase phase_ = Phase::starting;
  Instant stop_deadline_{};
  Duration stop_timeout_{};
  bool dead_ = false;
  std::string fatal_error_;
  bool fenced_ = false;

  std::deque<kafka::ConsumerEvent> rebalances_;  // not yet answered
  std::optional<std::vector<TopicPartition>> assigning_;
  std::uint64_t assign_round_ = 0;  // a lookup of an earlier round is ignored
  std::uint32_t assign_tries_ = 0;  // in this round
  std::string cluster_id_;
  std::size_t partitions_of_group_ = 0;  // all members' together; 0: not asked for
  std::optional<Revoke> revoking_;
  std::optional<Stall> kafka_trouble_;
  std::optional<Stall> not_let_in_;   // to the group; librdkafka says so once
  std::optional<Stall> cut_off_;      // no broker serves us
  std::optional<Stall> why_cut_off_;  // the last that was said of a connection since one did
  bool doubt_brokers_ = false;        // a sign that none answers; asked until one does
  bool checking_brokers_ = false;
  Instant next_broker_check_{};
  std::function<void()> retry_;  // a lookup that failed, at retry_at_
  Instant retry_at_{};
  bool joined_ = false;
  bool unsure_of_membership_ = false;
  bool commit_proves_membership_ = false;  // the outstanding one was sent while unsure
  Instant commit_sent_at_{};
  Instant turn_began_{};
  std::optional<Instant> after_pause_;  // since then nothing is sent before the doubt is over
  std::string look_error_;              // of the last look at our commits
  std::optional<Instant> commit_withheld_since_;  // until the brokers show the one before

  Partition* last_found_ = nullptr;  // records come in runs of one partition
  bool consumer_may_have_more_ = true;
  bool some_partition_full_ = false;
  Instant last_records_at_{};
  bool held_back_lately_ = false;  // by the target or a budget, since the last report
  std::vector<http::Completion> completions_;
  telemetry::WorkerStatus totals_;  // its counters only
  Instant next_report_{};
  Instant last_report_{};
  Instant next_log_end_lookup_{};
  bool looking_up_log_ends_ = false;
  UnownedPartitions unowned_;

  // Last, so that it goes first: its tasks use what stands above.
  std::shared_ptr<std::atomic<bool>> cancelled_;
  std::unique_ptr<Background> background_;
  std::unique_ptr<Background> commit_looks_;  // which must not wait for what the other asks
};

}  // namespace sluice::pipeline
