// What the commands of `sluice dlq` have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "cli/dlq.h"
#include "cli/signals.h"
#include "config/config.h"
#include "kafka/options.h"
#include "kafka/topic_reader.h"
#include "replay/catalog.h"
#include "replay/filter.h"
#include "replay/pace.h"

namespace sluice::cli {

// Any of the signals asks to stop.
class SignalWaiting final : public replay::Waiting {
 public:
  explicit SignalWaiting(const Signals& signals) : signals_(signals) {}

  bool wait(Duration time) override {
    stop_ = stop_ || signals_.wait(time).has_value();
    return !stop_;
  }

 private:
  const Signals& signals_;
  bool stop_ = false;
};

// Lines on standard error, one a second, for work that takes longer than that.
class Progress {
 public:
  explicit Progress(const Clock& clock) : clock_(clock), said_at_(clock.now()) {}

  void say(const std::function<std::string()>& line);

 private:
  const Clock& clock_;
  Instant said_at_;
};

struct DlqParts {
  const DlqOptions& options;
  const config::Config& config;
  kafka::ClientOptions kafka;
  const Clock& clock;
  replay::Waiting& waiting;
};

// An error is one of the command line.
Result<replay::Filter> filter_of(const DlqOptions& options, const config::Config& config,
                                 WallTime now);
const config::Pipeline& pipeline_of(const DlqParts& parts);

// Opens a dead-letter topic and reads it to its end. The reader follows from there.
Result<std::unique_ptr<kafka::TopicReader>> scan_topic(
    const DlqParts& parts, const std::string& topic, replay::Catalog& catalog,
    const std::function<void(const kafka::PolledRecord&)>& seen);

// Complaints to standard error; both return the exit code.
int bad_input(const Error& error);
int failed(const Error& error);

int dlq_list(const DlqParts& parts, const replay::Filter& filter);
int dlq_show(const DlqParts& parts, const replay::Filter& filter);
int dlq_replay(const DlqParts& parts, const replay::Filter& filter, std::uint64_t seed);

}  // namespace sluice::cli
