#include "fault/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>
#include <stdexcept>

#include "fault/gather.h"
#include "fault/vitals.h"
#include "fault/wall_time.h"
#include "support/eventually.h"
#include "support/kafka_admin.h"
#include "support/kafka_client.h"

namespace sluice::fault {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kLookEvery(50);
constexpr seconds kStopTimeout(40);
// From the end of a fault: a dead member's session, a breaker's and a retry's pauses.
constexpr seconds kRecovery(60);

std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

std::string and_then(const std::string& keys) { return keys.empty() ? "" : ", " + keys; }

}  // namespace

Trial::Trial(Run& run, std::string brokers, Setup setup)
    : run_(run),
      brokers_(std::move(brokers)),
      topic_(run.result.name),
      setup_(std::move(setup)),
      api_(std::make_unique<WitnessApi>(book_, setup_.api)) {
  test::create_topic(brokers_, {.name = topic_,
                                .partitions = setup_.partitions,
                                .replication = setup_.replicas,
                                .configs = setup_.topic_configs});
  // The judge compares the broker's time of a dead letter with that of commits.
  test::create_topic(brokers_, {.name = dead_letter_topic(),
                                .replication = setup_.replicas,
                                .configs = {{"message.timestamp.type", "LogAppendTime"}}});
  feed_ = std::make_unique<Feed>(brokers_,
                                 FeedOptions{.topic = topic_,
                                             .partitions = setup_.partitions,
                                             .per_second = setup_.per_second,
                                             .keys = setup_.keys,
                                             .padding = setup_.padding,
                                             .poison_every = setup_.poison_every,
                                             .poison = setup_.poison},
                                 book_);
}

Trial::~Trial() { keep_logs(); }

std::string Trial::config() const {
  const std::string& brokers = setup_.brokers.empty() ? brokers_ : setup_.brokers;
  return "kafka: {brokers: [" + brokers + "], properties: {" + setup_.kafka +
         "}}\n"
         "admin: {listen: '127.0.0.1:0', token: " +
         kAdminToken +
         "}\n"
         "log: {format: json, level: " +
         setup_.log_level + "}\n" + setup_.top +
         "targets:\n"
         "  api: {base_url: '" +
         (setup_.url.empty() ? api_->url() : setup_.url) + "'" + and_then(setup_.timeouts) +
         and_then(setup_.target) +
         "}\n"
         "pipelines:\n"
         "  p: {topics: [" +
         (setup_.topics.empty() ? topic_ : setup_.topics) + "], group: " + group() +
         ", target: api, path: /records, order: " + setup_.order +
         ", max_unconfirmed_batches: " + std::to_string(setup_.max_unconfirmed) +
         ", batch: {max_records: " + std::to_string(setup_.max_records) +
         "}, dead_letter: " + dead_letters() + and_then(setup_.pipeline) + "}\n" +
         setup_.more_pipelines;
}

std::string Trial::dead_letters() const {
  if (setup_.dead_letter == "none") return "none";
  return "{topic: " + dead_letter_topic() + and_then(setup_.dead_letter) + "}";
}

test::SluiceProcess& Trial::start_sluice(const test::SluiceOptions& options) {
  sluices_.push_back(std::make_unique<test::SluiceProcess>(config(), options));
  return *sluices_.back();
}

void Trial::start(const test::SluiceOptions& options) {
  feed_->start();
  const test::SluiceProcess& sluice = start_sluice(options);
  if (!flows()) throw std::runtime_error("nothing flows at the start: " + last_line(sluice.log()));
}

bool Trial::shows(const std::string& text, std::chrono::milliseconds timeout) {
  return test::eventually([&] { return sluice().status().find(text) != std::string::npos; },
                          timeout, kLookEvery);
}

bool Trial::flows(std::chrono::milliseconds timeout) {
  const std::size_t from = api_->batch_count();
  const auto lanes_taken = [&] {
    std::set<std::string> partitions;
    const auto batches = api_->batches();
    for (std::size_t i = std::min(from, batches.size()); i < batches.size(); ++i) {
      if (!batches[i].taken) continue;
      for (const std::string& id : batches[i].ids) partitions.insert(partition_in(id));
    }
    return partitions.size() >= static_cast<std::size_t>(setup_.partitions);
  };
  return test::eventually(lanes_taken, timeout, kLookEvery);
}

void Trial::end_the_oldest() {
  for (const auto& sluice : sluices_) {
    if (!sluice->running() || !ending_.insert(sluice.get()).second) continue;
    note_peak(*sluice);
    sluice->signal(SIGTERM);
    return;
  }
}

void Trial::kill_sluice() {
  require(sluice().running(), "the one to be killed is dead already");
  note_peak(sluice());
  sluice().signal(SIGKILL);
  wait_for_death();
}

void Trial::wait_for_death(test::SluiceProcess& dying) {
  constexpr std::int64_t kSinceWhen = 1000;  // it may have died before we came
  const std::int64_t from_ms = now_ms() - kSinceWhen;
  const auto status = dying.wait(std::chrono::seconds(30));
  require(status.has_value(), "Sluice did not die");
  require(status->signal == SIGKILL, "Sluice ended otherwise than by SIGKILL");
  dead_.insert(&dying);
  note_loss({from_ms, now_ms()});
}

void Trial::operator_commits(const std::vector<std::int64_t>& offsets) {
  const std::int64_t from_ms = now_ms();
  test::commit_offsets(brokers_, group(), topic_, offsets);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    note_operator({static_cast<std::int32_t>(i), offsets[i], {from_ms, now_ms()}});
  }
}

void Trial::operator_forgets() {
  const std::int64_t from_ms = now_ms();
  test::delete_group_offsets(brokers_, group(), topic_);
  for (std::int32_t i = 0; i < setup_.partitions; ++i) note_operator({i, 0, {from_ms, now_ms()}});
}

void Trial::delete_topic() {
  constexpr std::int64_t kHeardOfMs = 10'000;  // by the group's coordinator
  const std::int64_t from_ms = now_ms();
  test::delete_topic(brokers_, topic_);
  resets_.push_back({from_ms, now_ms() + kHeardOfMs});
}

void Trial::heal() {
  api_->on_request(nullptr);
  api_->heal();
  if (healed_ms_ == 0) healed_ms_ = now_ms();
}

void Trial::expect(bool holds, const std::string& what) {
  if (!holds) wrongs_.push_back(what);
}

void Trial::require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

void Trial::note(const std::string& text) { run_.result.notes.push_back(text); }

void Trial::finish(Allowed allowed) {
  heal();
  if (allowed.unconfirmed_records == 0) {
    allowed.unconfirmed_records = static_cast<std::size_t>(setup_.max_unconfirmed) *
                                  static_cast<std::size_t>(setup_.max_records);
  }
  feed_->stop();
  wait_for_the_rest(allowed);
  end_sluices();
  const Evidence evidence = gather();
  Judgement judgement = judge(evidence, allowed);
  run_.result.figures = judgement.figures;
  const double recovered = recovered_seconds(evidence, healed_ms_);
  run_.result.recovered_seconds = recovered;
  expect(recovered >= 0 || allowed.uncommitted, "a partition has no fresh record that was taken");
  expect(recovered <= allowed.recovery_seconds,
         fmt::format("it took {:.1f} s until fresh records of each partition were taken, more than "
                     "{:.0f}",
                     recovered, allowed.recovery_seconds));
  wrongs_.insert(wrongs_.end(), judgement.wrongs.begin(), judgement.wrongs.end());
  run_.result.wrongs = wrongs_;
}

void Trial::wait_for_the_rest(const Allowed& allowed) {
  const std::vector<std::string> fresh = feed_->add_fresh();
  const auto taken = [&] {
    return std::all_of(fresh.begin(), fresh.end(),
                       [&](const std::string& id) { return api_->took(id); });
  };
  // What has piled up comes first, as long as that takes.
  for (std::size_t before = 0; !test::eventually(taken, kRecovery, kLookEvery);) {
    if (before == api_->taken_count()) {
      wrongs_.emplace_back("nothing flows for 60 s after the end of the fault");
      return;
    }
    before = api_->taken_count();
  }
  const auto committed = [&] {
    auto offsets = test::committed_offsets(brokers_, group(), topic_);
    std::replace(offsets.begin(), offsets.end(), std::int64_t{-1}, std::int64_t{0});
    return offsets == test::end_offsets(brokers_, topic_);
  };
  if (!allowed.uncommitted && !test::eventually(committed, seconds(20), kLookEvery)) {
    wrongs_.emplace_back("the commits do not reach the ends of the topic within 20 s");
  }
}

void Trial::note_peak(test::SluiceProcess& sluice) {
  if (!sluice.running()) return;
  const auto bytes = static_cast<std::uint64_t>(peak_rss_mib(sluice.pid()) * (1 << 20));
  run_.result.peak_rss_bytes = std::max(run_.result.peak_rss_bytes, bytes);
}

void Trial::end_sluices() {
  for (const auto& sluice : sluices_) {
    note_peak(*sluice);
    // A second SIGTERM would end it where it stands.
    if (sluice->running() && ending_.insert(sluice.get()).second) sluice->signal(SIGTERM);
  }
  for (const auto& sluice : sluices_) {
    const auto status = sluice->wait(kStopTimeout);
    if (!status) {
      wrongs_.emplace_back("SIGTERM does not end Sluice within 40 s");
      continue;
    }
    const bool meant = dead_.contains(sluice.get());
    if (status->signal == SIGKILL && !meant) wrongs_.emplace_back("somebody killed Sluice");
    if (status->signal != SIGKILL && status->code == 0 && !sluice->was_told_to_end()) {
      wrongs_.emplace_back("Sluice ended by itself");
    }
    if (status->signal != SIGKILL && status->code != 0) {
      wrongs_.push_back("Sluice ended with code " + std::to_string(status->code) + ", signal " +
                        std::to_string(status->signal));
    }
  }
}

Evidence Trial::gather() const {
  Evidence evidence = read_kafka({.brokers = brokers_,
                                  .topic = topic_,
                                  .group = group(),
                                  .dead_letter_topic = dead_letter_topic()},
                                 book_);
  evidence.batches = api_->batches();
  evidence.by_operator = by_operator_;
  evidence.losses = losses_;
  evidence.resets = resets_;
  return evidence;
}

void Trial::keep_logs() const {
  for (std::size_t i = 0; i < sluices_.size(); ++i) {
    const std::string name = "sluice-" + std::to_string(i + 1);
    std::ofstream(run_.dir / (name + ".log")) << sluices_[i]->log();
    std::ofstream(run_.dir / (name + ".yaml")) << config();
  }
}

}  // namespace sluice::fault
