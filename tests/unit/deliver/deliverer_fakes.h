// What stands around a Deliverer in its tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "deliver/deliverer.h"

namespace sluice::deliver {

// Holds what was sent until the test answers it.
class FakeHttp final : public http::Sender {
 public:
  http::RequestId send(http::Request request) override {
    bodies.emplace_back(request.body);
    sent.emplace_back(++last_, std::move(request));
    return last_;
  }
  void cancel(http::RequestId id) override {
    std::erase_if(sent, [&](const auto& entry) { return entry.first == id; });
    ++cancelled;
  }

  std::deque<std::pair<http::RequestId, http::Request>> sent;  // not yet answered
  std::vector<std::string> bodies;                             // all there ever were
  int cancelled = 0;

 private:
  http::RequestId last_ = 0;
};

// Lets through what the test says, and knows what it was told.
class FakeAdmission final : public Admission {
 public:
  struct Answered {
    Verdict verdict;
    Blame blame;
    bool had_answer;
    Instant sent_at;
  };

  tl::expected<Pass, Closed> ask(LaneId lane, RequestSize size, Instant) override {
    asked.push_back({lane, size});
    const auto of_lane = closed_lanes.find(lane);
    if (closed || of_lane != closed_lanes.end()) {
      waiting.insert(lane);
      return tl::unexpected(closed ? *closed : of_lane->second);
    }
    waiting.erase(lane);
    out.insert(++last_);
    return Pass{last_, std::exchange(next_is_small, false)};
  }
  RequestSize largest() const override { return most; }

  void answered(const Pass& pass, const Judgement& judgement, Blame blame,
                const http::Answer* answer, Instant sent_at, Instant) override {
    EXPECT_EQ(out.erase(pass.id), 1U) << "a pass came back twice";
    answers.push_back({judgement.verdict, blame, answer != nullptr, sent_at});
    if (judgement.verdict != Verdict::delivered) return;
    delivered_at = std::max(delivered_at.value_or(sent_at), sent_at);
  }
  void cancelled(const Pass& pass) override {
    EXPECT_EQ(out.erase(pass.id), 1U) << "a pass came back twice";
    ++cancellations;
  }
  void forget(LaneId lane) override { waiting.erase(lane); }
  bool delivered_after(Instant when) const override { return delivered_at && *delivered_at > when; }
  void gave_up() override { ++given_up; }
  void judged(std::size_t records_taken, std::size_t records_refused, Instant) override {
    taken += records_taken;
    refused += records_refused;
  }

  // What it says.
  std::optional<Closed> closed;
  std::map<LaneId, Closed> closed_lanes;
  bool next_is_small = false;
  RequestSize most{SIZE_MAX, SIZE_MAX};
  int given_up = 0;
  std::optional<Instant> delivered_at;  // when the last request that was delivered was sent

  // What it was told.
  std::vector<std::pair<LaneId, RequestSize>> asked;
  std::vector<Answered> answers;
  std::set<std::uint64_t> out;  // passes
  std::set<LaneId> waiting;
  int cancellations = 0;
  std::size_t taken = 0;
  std::size_t refused = 0;

 private:
  std::uint64_t last_ = 0;
};

class RecordingSink final : public DeliverySink {
 public:
  explicit RecordingSink(batch::BatchPool& pool) : pool_(pool) {}

  void delivered(LaneId lane, const batch::Batch& batch, batch::Range records) override {
    for (std::size_t i = records.first; i < records.last; ++i) {
      note(batch, i);
      offsets[lane].push_back(batch.entry(i).offset);
    }
  }
  void refused(LaneId lane, const batch::Batch& batch, std::size_t record,
               codec::DeadLetterCause cause) override {
    note(batch, record);
    refusals[lane].push_back(batch.entry(record).offset);
    causes.push_back(std::move(cause));
  }
  void dropped(LaneId lane, const batch::Batch& batch, std::size_t record) override {
    note(batch, record);
    drops[lane].push_back(batch.entry(record).offset);
  }
  void held(LaneId lane, const batch::Batch& batch, bool held) override {
    EXPECT_FALSE(batch.empty());
    EXPECT_EQ(held_lanes.count(lane), held ? 0U : 1U) << "each is said once";
    if (held) {
      held_lanes.insert(lane);
    } else {
      held_lanes.erase(lane);
    }
  }
  void stands(LaneId lane, const batch::Batch& batch, bool stands) override {
    EXPECT_FALSE(batch.empty());
    standing[lane] += stands ? 1 : -1;
    EXPECT_GE(standing[lane], 0);
  }
  void stands_sent(LaneId lane, const batch::Batch&, bool sent) override {
    EXPECT_GT(standing[lane], 0);
    standing_sent = sent;
  }
  bool may_go_on(LaneId, const batch::Batch& batch, std::size_t first) const override {
    asked_about = batch.entry(first).offset;
    return goes_on;
  }
  void finished(LaneId lane, std::unique_ptr<batch::Batch> batch) override {
    held_lanes.erase(lane);
    ++batches;
    last_strand = batch->strand;
    last_sent_as = batch->sent_as;
    pool_.give_back(std::move(batch));
  }

  std::map<LaneId, std::vector<std::int64_t>> offsets;  // delivered
  std::map<LaneId, std::vector<std::int64_t>> refusals;
  std::map<LaneId, std::vector<std::int64_t>> drops;
  std::vector<codec::DeadLetterCause> causes;  // of refusals
  std::set<LaneId> held_lanes;
  std::map<LaneId, int> standing;                   // batches
  bool standing_sent = false;                       // what was said last of such a one
  bool goes_on = true;                              // what it says
  mutable std::optional<std::int64_t> asked_about;  // by may_go_on(), the first that is left
  int batches = 0;                                  // that are finished
  std::uint64_t last_strand = 0;                    // of the last of them
  std::uint64_t last_sent_as = 0;

 private:
  void note(const batch::Batch& batch, std::size_t record) {
    EXPECT_TRUE(tickets_.insert(batch.entry(record).ticket).second) << "a record had two outcomes";
  }

  batch::BatchPool& pool_;
  std::set<Ticket> tickets_;
};

}  // namespace sluice::deliver
