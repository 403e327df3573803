#include "pipeline/worker.h"

#include <poll.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/threads.h"
#include "pipeline/options_of.h"
#include "pipeline/session.h"

namespace sluice::pipeline {
namespace {

constexpr Duration kFirstWait = std::chrono::seconds(1);
constexpr Duration kLongestWait = std::chrono::seconds(30);
constexpr std::uint32_t kFailuresOfLongestWait = 5;

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(const WorkerOptions& options,
                                               const WorkerParts& parts) {
  auto wake = WakeFd::create();
  if (!wake) return tl::unexpected(wake.error());
  auto mailbox = std::make_shared<Mailbox>(std::move(*wake));
  std::unique_ptr<Worker> worker(new Worker(options, parts, std::move(mailbox)));
  auto connection = http::prepare_connection(client_options_of(options.target));
  if (!connection) return tl::unexpected(connection.error());
  worker->connection_ = std::move(*connection);
  auto session = worker->make_session();
  if (!session) return tl::unexpected(session.error());
  worker->prepared_ = std::move(*session);
  // The number at its end is what tells workers apart.
  const std::string number = '/' + std::to_string(options.number);
  const std::string name = options.pipeline.name.substr(0, 15 - number.size()) + number;
  auto thread = start_thread(name, [raw = worker.get()] {
    raw->begin_.get_future().wait();
    if (raw->started_) raw->run();
  });
  if (!thread) return tl::unexpected(thread.error());
  worker->thread_ = std::move(*thread);
  return worker;
}

void Worker::start() {
  started_ = true;
  begin_.set_value();
}

Worker::Worker(const WorkerOptions& options, const WorkerParts& parts,
               std::shared_ptr<Mailbox> mailbox)
    : options_(options), parts_(parts), mailbox_(std::move(mailbox)) {}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  if (!started_) begin_.set_value();
  thread_.join();
}

// A session starts threads, and they alone throw that.
Result<std::unique_ptr<Session>> Worker::make_session() const {
  try {
    return Session::create(options_, parts_, mailbox_, connection_);
  } catch (const std::system_error&) {
    return tl::unexpected(no_thread(1));
  }
}

void Worker::stop(Duration timeout) {
  mailbox_->post([this, timeout] {
    stopping_ = true;
    stop_timeout_ = timeout;
    if (session_ != nullptr) session_->stop(timeout);
  });
}

void Worker::perform(Action action, ActionDone done) {
  mailbox_->post([this, action = std::move(action), done = std::move(done)] {
    if (session_ != nullptr) {
      session_->perform(action, done);
    } else {
      done({});
    }
  });
}

void Worker::set_pause(PauseWish wish, ActionDone done) {
  mailbox_->post([this, wish, done = std::move(done)] {
    ActionResult result{pause_.set(wish) ? std::size_t{1} : std::size_t{0}};
    if (session_ != nullptr) result.waiting = session_->set_pause(wish);
    done(result);
  });
}

void Worker::set_memory(std::size_t share, std::size_t dead_letter_window) {
  mailbox_->post([this, share, dead_letter_window] {
    options_.memory_share = share;
    options_.dead_letter_window = dead_letter_window;
    if (session_ != nullptr) session_->set_memory(share, dead_letter_window);
  });
}

void Worker::use_connection(http::SharedConnection connection) {
  mailbox_->post([this, connection = std::move(connection)] {
    connection_ = connection;
    if (session_ != nullptr) session_->use_connection(connection);
  });
}

void Worker::run() {
  while (!run_session()) {
  }
  parts_.metrics.forget_worker(options_.number);
  stopped_ = true;  // also where none ran
}

bool Worker::run_session() {
  std::unique_ptr<Session> session = std::move(prepared_);
  if (!session) {
    auto created = make_session();
    if (!created) {
      wait_before_next(created.error().text());
      return stopping_;
    }
    session = std::move(*created);
  }
  session_ = session.get();
  session_->set_pause(pause_.wish());
  const auto end = session->run();
  session_ = nullptr;
  if (end == Session::End::stopped) {
    stopped_ = true;  // before the session goes, which may wait for a lookup
    return true;
  }
  if (session->joined()) failures_ = 0;
  // Whoever has our id now is fenced in turn when we come back, and each time records are repeated.
  if (session->fenced()) failures_ = kFailuresOfLongestWait;
  const std::string why = session->fatal_error();
  session.reset();
  wait_before_next(why);
  return stopping_;
}

void Worker::wait_before_next(const std::string& why) {
  if (stopping_) return;
  const Duration wait =
      std::min(kFirstWait * (1U << std::min(failures_, kFailuresOfLongestWait)), kLongestWait);
  ++failures_;
  parts_.log.write(
      telemetry::Level::error, telemetry::Event::kafka_error,
      {{"pipeline", options_.pipeline.name},
       {"worker", options_.number},
       {"detail", why},
       {"next_try_ms", std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()}});
  telemetry::WorkerStatus status;
  status.reason = StallReason::kafka_error;
  status.since = parts_.clock.wall_now();
  status.detail = why;
  status.next = "a new consumer is made";
  status.next_at = status.since + std::chrono::duration_cast<WallTime::duration>(wait);
  telemetry::WorkerLoad load;
  load.memory_limit_bytes = options_.memory_share;
  load.reason = status.reason;
  parts_.metrics.set_worker(options_.number, load);
  parts_.status.publish(options_.pipeline.name, options_.number, status);
  const Instant until = parts_.clock.now() + wait;
  for (Instant now = parts_.clock.now(); now < until && !stopping_; now = parts_.clock.now()) {
    pollfd wake{mailbox_->wake().fd(), POLLIN, 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    ::poll(&wake, 1, static_cast<int>(std::min<std::int64_t>(ms, 1000)));
    mailbox_->wake().clear();
    mailbox_->run_all();
    parts_.status.beat(options_.pipeline.name, options_.number);
  }
}

}  // namespace sluice::pipeline
