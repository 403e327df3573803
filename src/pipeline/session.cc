#include "pipeline/session.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/failpoint.h"
#include "pipeline/options_of.h"

namespace sluice::pipeline {
namespace {

// A loop that has nothing to do still beats, reports and polls this often.
constexpr Duration kLongestSleep = std::chrono::milliseconds(500);
// Of the worker's memory: idle batches that are kept for use again. Making one anew costs twice as
// much as its copy, since the kernel clears its pages.
constexpr std::size_t kShareForIdle = 4;
// Of the time to stop in: until here answers are waited for, the rest is for commit and leaving.
constexpr double kShareForAnswers = 0.7;
constexpr Duration kLongestCommitWait = std::chrono::seconds(5);
// Twice the longest sleep: a loop that turns is never that late.
constexpr Duration kLongestTurn = 2 * kLongestSleep;

}  // namespace

Result<std::unique_ptr<Session>> Session::create(const WorkerOptions& options,
                                                 const WorkerParts& parts,
                                                 std::shared_ptr<Mailbox> mailbox,
                                                 http::SharedConnection connection) {
  std::unique_ptr<codec::Schema> schema;
  if (options.pipeline.schema) {
    auto loaded = codec::Schema::load(*options.pipeline.schema);
    if (!loaded) return tl::unexpected(loaded.error());
    schema = std::move(*loaded);
  }
  auto http = http::Client::create(std::move(connection), parts.clock);
  if (!http) return tl::unexpected(http.error());
  auto consumer = kafka::Consumer::create(options.consumer, mailbox->wake().fd());
  if (!consumer) return tl::unexpected(consumer.error());
  return std::unique_ptr<Session>(new Session(options, parts, std::move(mailbox),
                                              std::move(*consumer), std::move(*http),
                                              std::move(schema)));
}

Session::Session(const WorkerOptions& options, const WorkerParts& parts,
                 std::shared_ptr<Mailbox> mailbox, std::unique_ptr<kafka::Consumer> consumer,
                 std::unique_ptr<http::Client> http, std::unique_ptr<codec::Schema> schema)
    : options_(options),
      parts_(parts),
      mailbox_(std::move(mailbox)),
      random_(options.seed),
      consumer_(std::move(consumer)),
      http_(std::move(http)),
      pool_(body_format_of(options.pipeline), meter_, options.memory_share / kShareForIdle),
      codec_(options.pipeline.max_record_bytes, null_policy_of(options.pipeline),
             std::move(schema)),
      router_(router_of(options.pipeline, options.target)),
      admission_(parts.admission, [box = mailbox_] { box->wake().signal(); }),
      deliverer_(deliverer_options_of(options),
                 {*http_, parts.credentials, parts.rules, admission_, parts.clock, random_, meter_,
                  pool_, parts.metrics, parts.status.failures(), parts.log},
                 *this),
      memory_share_(options.memory_share),
      read_ahead_(options.memory_share, options.consumer.prefetch_bytes),
      // Half of it: heartbeats may have been missing before the freeze, too.
      freeze_(kafka::session_timeout(options.consumer) / 2),
      pause_(kLongestTurn),
      cancelled_(std::make_shared<std::atomic<bool>>(false)),
      background_(std::make_unique<Background>()),
      commit_looks_(std::make_unique<Background>()) {
  if (!options.pipeline.dead_letter || parts.dead_letters == nullptr) return;
  dead_letter::OutboxParts outbox{
      *parts.dead_letters,
      [box = mailbox_](Mailbox::Message message) { box->post(std::move(message)); }, parts.clock,
      parts.metrics, parts.log};
  outbox_.emplace(*options.pipeline.dead_letter, options.dead_letter_window, std::move(outbox),
                  [this](LaneId lane, Ticket ticket, DeadLetterReason) {
                    dead_letter_confirmed(lane, ticket);
                  });
}

Session::~Session() {
  *cancelled_ = true;
  // Their tasks use the consumer.
  background_.reset();
  commit_looks_.reset();
  for (const auto& [lane, partition] : partitions_) {
    parts_.metrics.forget_partition(partition.of.topic, partition.of.partition);
  }
}

Session::End Session::run() {
  last_report_ = parts_.clock.now();
  stall_watch_.start(last_report_, parts_.clock.wall_now());
  start_joining();
  for (;;) {
    turn();
    if (dead_) return End::fatal;
    const Instant now = parts_.clock.now();
    if (phase_ == Phase::stopping && stopped_draining(now)) {
      leave();
      return End::stopped;
    }
    sleep(now);
  }
}

void Session::turn() {
  const Instant now = parts_.clock.now();
  turn_began_ = now;
  if (freeze_.tick(now, parts_.clock.wall_now())) doubt_membership();
  const std::uint64_t answers = topic_watch_.answers();
  mailbox_->run_all();
  // An answer that came within the pause settles it: else a process that gets so little time that
  // each turn is one would never send again.
  if (pause_.tick(now, parts_.clock.wall_now()) && topic_watch_.answers() == answers) {
    topic_watch_.doubt();
    if (!after_pause_) after_pause_ = now;
  }
  if (!topic_watch_.awaits_answer()) after_pause_.reset();
  poll_records(now);
  // What polling brought counts from here on: nothing is sent or committed for what is lost.
  take_events(now);
  if (dead_) return;
  serve_rebalances(now);
  if (committer_.outstanding()) take_commit_result(Duration::zero(), now);
  start_batches(now);
  if (may_start()) deliverer_.advance(now);
  held_back_lately_ |= deliverer_.held_back().has_value();
  if (outbox_) outbox_->advance(now);
  commit(now);
  report(now);
}

void Session::sleep(Instant now) {
  completions_.clear();
  http_->poll(longest_sleep(now), mailbox_->wake().fd(), completions_);
  mailbox_->wake().clear();
  consumer_may_have_more_ = true;
  for (const auto& completion : completions_) deliverer_.on_completion(completion);
}

Duration Session::longest_sleep(Instant now) {
  if (consumer_may_have_more_ && may_poll()) return {};
  Instant until = now + kLongestSleep;
  const auto earlier = [&](const std::optional<Instant>& deadline) {
    if (deadline) until = std::min(until, *deadline);
  };
  const Duration patience_now = some_partition_full_ ? patience() : kPatience;
  for (auto& [lane, partition] : partitions_) {
    earlier(partition.strands.deadline());
    if (partition.full_since && !partition.paused) earlier(*partition.full_since + patience_now);
  }
  if (may_start()) earlier(deliverer_.deadline());
  if (outbox_) earlier(outbox_->deadline());
  earlier(committer_.deadline(turn_began_));
  if (revoking_) earlier(revoking_->deadline);
  if (retry_) earlier(retry_at_);
  if (phase_ == Phase::stopping) earlier(stop_deadline_);
  return std::max(until - now, Duration::zero());
}

void Session::stop(Duration timeout) {
  if (phase_ == Phase::stopping) return;
  phase_ = Phase::stopping;
  stop_timeout_ = timeout;
  const auto for_answers =
      static_cast<Duration::rep>(static_cast<double>(timeout.count()) * kShareForAnswers);
  stop_deadline_ = parts_.clock.now() + Duration(for_answers);
  for (auto& [lane, partition] : partitions_) {
    partition.draining = true;
    deliverer_.drain(lane);
  }
  pass_failpoint(Failpoint::draining);
}

void Session::set_memory(std::size_t share, std::size_t dead_letter_window) {
  memory_share_ = share;
  read_ahead_ = ReadAhead(share, options_.consumer.prefetch_bytes);
  if (outbox_) outbox_->set_window(dead_letter_window);
}

bool Session::stopped_draining(Instant now) const {
  if (now >= stop_deadline_) return true;
  const bool writing = outbox_ && outbox_->pending() > 0 && !outbox_->stalled();
  return deliverer_.requests_in_flight() == 0 && !writing;
}

void Session::leave() {
  const Duration rest =
      stop_timeout_ - Duration(static_cast<Duration::rep>(
                          static_cast<double>(stop_timeout_.count()) * kShareForAnswers));
  // Cancelled before the partitions go: their next owner must not send beside us.
  for (const auto& [lane, partition] : partitions_) deliverer_.cancel(lane);
  commit_and_wait(std::min(rest / 2, kLongestCommitWait));
  pass_failpoint(Failpoint::revoke_committed);
  *cancelled_ = true;
  const Instant deadline = parts_.clock.now() + rest / 2;
  consumer_->start_close();
  while (!consumer_->serve_close(std::chrono::milliseconds(50)) && parts_.clock.now() < deadline) {
  }
}

}  // namespace sluice::pipeline
