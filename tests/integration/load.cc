#include "integration/load.h"

#include <algorithm>
#include <stdexcept>

#include "integration/flow.h"
#include "support/eventually.h"

namespace sluice::test {
namespace {

constexpr std::chrono::milliseconds kTick(10);
constexpr std::chrono::milliseconds kLookEvery(50);

}  // namespace

Load::Load(const KafkaBroker& broker, const std::string& topic, std::int32_t partitions,
           std::int64_t per_second)
    : topic_(topic), partitions_(partitions), writer_(broker.brokers(), topic) {
  thread_ = std::thread([this, per_second] { run(per_second); });
}

Load::~Load() { end(); }

std::size_t Load::stop() {
  end();
  writer_.flush();
  return static_cast<std::size_t>(each_) * static_cast<std::size_t>(partitions_);
}

void Load::run(std::int64_t per_second) {
  const auto start = std::chrono::steady_clock::now();
  while (!stopping_) {
    const auto passed = std::chrono::steady_clock::now() - start;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
    for (const auto due = ms * per_second / 1000 / partitions_; each_ < due; ++each_) {
      for (std::int32_t partition = 0; partition < partitions_; ++partition) {
        writer_.add(
            {.value = record_value(record_id(topic_, partition, each_)), .partition = partition});
      }
    }
    std::this_thread::sleep_for(kTick);
  }
}

void Load::end() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

CommitWatch::CommitWatch(const KafkaBroker& broker, const std::string& topic,
                         const RecordingApi& api)
    : brokers_(broker.brokers()), topic_(topic), api_(api) {
  thread_ = std::thread([this] { run(); });
}

CommitWatch::~CommitWatch() { end(); }

std::vector<std::string> CommitWatch::stop() {
  end();
  if (moves_ == 0) problems_.emplace_back("no commit was seen to move");
  return problems_;
}

void CommitWatch::run() {
  while (!stopping_) {
    try {
      look();
    } catch (const std::runtime_error&) {
      // The broker is away; that is for other eyes.
    }
    std::this_thread::sleep_for(kLookEvery);
  }
}

void CommitWatch::look() {
  const auto committed = committed_offsets(brokers_, group_of(topic_), topic_);
  highest_.resize(committed.size(), 0);
  for (std::size_t i = 0; i < committed.size(); ++i) {
    check(i, std::max(committed[i], std::int64_t{0}));
  }
}

void CommitWatch::check(std::size_t partition, std::int64_t committed) {
  std::int64_t& highest = highest_[partition];
  const auto number = static_cast<std::int32_t>(partition);
  if (committed < highest) {
    problems_.push_back("commit of partition " + std::to_string(number) + " went from " +
                        std::to_string(highest) + " back to " + std::to_string(committed));
  }
  if (committed > highest) ++moves_;
  for (; highest < committed; ++highest) {
    const std::string id = record_id(topic_, number, highest);
    if (!api_.took(id)) problems_.push_back(id + " was committed before it was taken");
  }
}

void CommitWatch::end() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::size_t repeats(const RecordingApi& api) {
  std::size_t all = 0;
  for (const auto& [id, times] : api.taken()) all += static_cast<std::size_t>(times) - 1;
  return all;
}

bool wait_for_all(const KafkaBroker& broker, const std::string& topic, const RecordingApi& api,
                  std::chrono::milliseconds timeout) {
  const auto ends = end_offsets(broker.brokers(), topic);
  const auto all_taken = [&] {
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const auto partition = static_cast<std::int32_t>(i);
      // In order, so the last one stands for all; reconcile() looks at each.
      if (ends[i] > 0 && !api.took(record_id(topic, partition, ends[i] - 1))) return false;
    }
    return true;
  };
  return eventually(all_taken, timeout);
}

}  // namespace sluice::test
