// Where to begin, and joining the group.
#include <utility>

#include "kafka/start_position.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kLookupRetry = std::chrono::seconds(1);

// Where the group begins, if it has no offset yet: for the topics that exist. Those a pattern finds
// later are read from their beginning. Returns the topics. Blocks.
Result<std::vector<std::string>> settle_start(const kafka::Consumer& consumer,
                                              const WorkerOptions& options) {
  const config::Pipeline& pipeline = options.pipeline;
  auto topics = kafka::topics_of(
      consumer, {pipeline.topics, pipeline.patterns, options.consumer.never_matched});
  if (!topics || pipeline.start == config::Start::earliest) return topics;
  const auto from =
      pipeline.start == config::Start::time ? std::optional(pipeline.start_time) : std::nullopt;
  if (auto settled = kafka::start_group_at(consumer, *topics, from); !settled) {
    return tl::unexpected(settled.error());
  }
  return topics;
}

}  // namespace

Stall Session::no_topic_matches(const std::vector<std::string>& patterns) {
  std::string all;
  for (const auto& pattern : patterns) all += (all.empty() ? "/" : " or /") + pattern + "/";
  return {StallReason::kafka_error,
          "no topic matches " + all + "; create one, or correct the pipeline's topics",
          "it is looked for again within 30 s"};
}

// `task` for the background thread; what it returns runs on this one, unless the session has ended
// by then.
std::function<void()> Session::off_loop(std::function<std::function<void()>()> task) {
  return [task = std::move(task), cancelled = cancelled_, box = mailbox_] {
    if (*cancelled) return;
    box->post([done = task(), cancelled] {
      if (!*cancelled) done();
    });
  };
}

void Session::retry_later(const Error& error, std::function<void()> what) {
  kafka_trouble_ =
      Stall{StallReason::kafka_error, error.text(), "Kafka is asked again every second"};
  retry_ = std::move(what);
  retry_at_ = parts_.clock.now() + kLookupRetry;
}

void Session::start_joining() {
  if (options_.pipeline.start == config::Start::earliest && options_.pipeline.patterns.empty()) {
    join();
    return;
  }
  background_->run_soon(off_loop([this, consumer = consumer_.get()]() -> std::function<void()> {
    auto topics = settle_start(*consumer, options_);
    return [this, topics = std::move(topics)] {
      if (!topics) {
        retry_later(topics.error(), [this] { start_joining(); });
        return;
      }
      join();
      // Some may come later; whoever waits for them should know.
      if (topics->empty()) kafka_trouble_ = no_topic_matches(options_.pipeline.patterns);
    };
  }));
}

void Session::join() {
  if (phase_ != Phase::starting) return;
  if (const auto done = consumer_->subscribe(subscription()); !done) {
    retry_later(done.error(), [this] { join(); });
    return;
  }
  kafka_trouble_.reset();
  phase_ = Phase::running;
}

std::vector<std::string> Session::subscription() const {
  std::vector<std::string> topics = options_.pipeline.topics;
  topics.insert(topics.end(), options_.pipeline.patterns.begin(), options_.pipeline.patterns.end());
  return topics;
}

}  // namespace sluice::pipeline
