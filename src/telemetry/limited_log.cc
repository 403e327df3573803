#include "telemetry/limited_log.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "telemetry/repeat_limit.h"

namespace sluice::telemetry {
namespace {

class LimitedLog final : public Log {
 public:
  LimitedLog(std::unique_ptr<Log> log, const Clock& clock) : log_(std::move(log)), clock_(clock) {}

  void write(Level level, Event event, const std::vector<Field>& fields) override {
    if (level < log_->level()) return;  // not written, so not held back either
    const auto more = admit(level, event, fields);
    if (!more) return;
    if (more->empty()) {
      log_->write(level, event, fields);
      return;
    }
    std::vector<Field> all = fields;
    all.insert(all.end(), more->begin(), more->end());
    log_->write(level, event, all);
  }

  // What was held back is told while its level still is.
  void set_level(Level least) override {
    write_rest();
    log_->set_level(least);
  }
  Level level() const override { return log_->level(); }

  void flush() override {
    std::unique_lock lock(mutex_);
    const auto lines = limit_.due(clock_.now());
    lock.unlock();
    write_all(lines);
    log_->flush();
  }

  void finish() override {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    write_rest();
    log_->finish();
  }

  LogCounts counts() const override {
    LogCounts counts = log_->counts();
    const std::lock_guard lock(mutex_);
    counts.held_back += limit_.held_back();
    return counts;
  }

 private:
  std::optional<std::vector<Field>> admit(Level level, Event event,
                                          const std::vector<Field>& fields) {
    if (log_->level() == Level::debug) return std::vector<Field>{};
    const std::lock_guard lock(mutex_);
    if (finished_) return std::vector<Field>{};
    return limit_.admit(level, event, fields, clock_.now(), clock_.wall_now());
  }

  void write_rest() {
    std::unique_lock lock(mutex_);
    const auto lines = limit_.rest();
    lock.unlock();
    write_all(lines);
  }

  void write_all(const std::vector<RepeatLimit::Line>& lines) {
    for (const auto& line : lines) log_->write(line.level, line.event, line.fields);
  }

  const std::unique_ptr<Log> log_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  RepeatLimit limit_;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Log> limit_repeats(std::unique_ptr<Log> log, const Clock& clock) {
  return std::make_unique<LimitedLog>(std::move(log), clock);
}

}  // namespace sluice::telemetry
