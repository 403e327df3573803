#include "demo/producer.h"

#include <utility>

#include "demo/record_id.h"

namespace sluice::demo {
namespace {

constexpr auto kSlice = std::chrono::milliseconds(10);
constexpr std::size_t kMostOutstanding = 10'000;
// Of a record in Kafka besides its value.
constexpr std::size_t kFraming = 64;

}  // namespace

Producer::Producer(std::unique_ptr<RecordWriter> writer, Generator generator, Options options,
                   Reconciliation& reconciliation, const Clock& clock)
    : options_(std::move(options)),
      reconciliation_(reconciliation),
      clock_(clock),
      generator_(std::move(generator)),
      pace_(options_.rate, clock.now()),
      backlog_(options_.topics.size(), kMostUnreadBytes),
      writer_(std::move(writer)),
      thread_([this] { run(); }) {}

Producer::~Producer() {
  {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
  }
  wake_.notify_one();
  thread_.join();
  writer_.reset();  // it reports what is outstanding to us
}

void Producer::finished(std::size_t type, std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  backlog_.finished(type, records);
}

bool Producer::held_up() const {
  const std::lock_guard lock(mutex_);
  return held_up_;
}

std::uint64_t Producer::made_bad() const {
  const std::lock_guard lock(mutex_);
  return made_bad_;
}

void Producer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
}

bool Producer::done() const {
  const std::lock_guard lock(mutex_);
  return all_written();
}

std::uint64_t Producer::unconfirmed() const {
  const std::lock_guard lock(mutex_);
  return outstanding_ + failed_.size();
}

bool Producer::all_written() const { return stopping_ && outstanding_ == 0 && failed_.empty(); }

void Producer::run() {
  std::unique_lock lock(mutex_);
  while (!leaving_ && !all_written()) {
    wake_.wait_for(lock, kSlice);
    write_again(lock);
    write_due(lock);
  }
}

void Producer::write_due(std::unique_lock<std::mutex>& lock) {
  for (std::uint32_t due = pace_.take(clock_.now()); due > 0; --due) {
    held_up_ = backlog_.full();
    if (stopping_ || held_up_ || outstanding_ >= kMostOutstanding) return;
    const auto record = std::make_shared<const GeneratedRecord>(generator_.next(clock_.wall_now()));
    backlog_.written(record->type, record->value.size() + record->key.size() + kFraming);
    ++outstanding_;
    if (record->bad) ++made_bad_;
    lock.unlock();
    reconciliation_.given(record->type);
    write(record);
    lock.lock();
  }
}

// "Not written, or not known to be": if it was, its id comes out twice and counts as repeated.
void Producer::write_again(std::unique_lock<std::mutex>& lock) {
  const auto failed = std::exchange(failed_, {});
  outstanding_ += failed.size();
  lock.unlock();
  for (const Record& record : failed) write(record);
  lock.lock();
}

void Producer::write(const Record& record) {
  const std::vector<OwnedHeader> headers = {{kIdHeader, record->id}};
  writer_->write({options_.topics.at(record->type), record->key, record->value, headers},
                 [this, record](const WriteResult& result) { written(record, result); });
}

void Producer::written(const Record& record, const WriteResult& result) {
  const bool confirmed = result.status == WriteStatus::confirmed;
  if (confirmed) reconciliation_.confirmed(record->number);
  const std::lock_guard lock(mutex_);
  --outstanding_;
  if (!confirmed) failed_.push_back(record);
}

}  // namespace sluice::demo
