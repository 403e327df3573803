// One thread, one group member.
#pragma once

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "pipeline/action.h"
#include "pipeline/mailbox.h"
#include "pipeline/operator_pause.h"
#include "pipeline/worker_parts.h"

namespace sluice::pipeline {

class Session;

// Runs sessions on a thread of its own: when one ends in an error that a consumer cannot survive
// (a fenced static member, say), a new one is made after a wait that grows to 30 s. What goes wrong
// here stays here: other workers go on.
class Worker {
 public:
  // That one has at once, besides librdkafka's: its own, two that ask the brokers, one that libcurl
  // looks up a name with.
  static constexpr std::size_t kThreads = 4;

  // Everything that can be wrong with the configuration shows here, and a thread that is missing.
  static Result<std::unique_ptr<Worker>> create(const WorkerOptions& options,
                                                const WorkerParts& parts);
  // Joins the thread. If it was started: after stop() and stopped() only, or it waits for an end
  // that never comes.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Sets the thread going; once.
  void start();
  // Begins to stop within about `timeout`; returns at once. From any thread.
  void stop(Duration timeout);
  bool stopped() const { return stopped_; }
  // Returns at once; `done` is called on the worker's thread with what it found to do, 0 while no
  // session runs. From any thread.
  void perform(Action action, ActionDone done);
  // Of what was asked last, whatever becomes of sessions. The count is 1 where it was another wish
  // before. From any thread.
  void set_pause(PauseWish wish, ActionDone done);
  // What follows takes effect with the next turn of the loop. From any thread.
  // As WorkerOptions says; what is held beyond it goes when it is delivered.
  void set_memory(std::size_t share, std::size_t dead_letter_window);
  // Requests go out with it from now on; those under way end as they began.
  void use_connection(http::SharedConnection connection);

 private:
  Worker(const WorkerOptions& options, const WorkerParts& parts, std::shared_ptr<Mailbox> mailbox);
  Result<std::unique_ptr<Session>> make_session() const;
  void run();
  bool run_session();
  void wait_before_next(const std::string& why);

  WorkerOptions options_;  // of run()'s thread, once started
  const WorkerParts parts_;
  const std::shared_ptr<Mailbox> mailbox_;
  http::SharedConnection connection_;  // of all sessions, whatever becomes of the files
  Session* session_ = nullptr;         // of run()'s thread, while one runs
  std::unique_ptr<Session> prepared_;
  OperatorPause pause_;    // likewise
  bool stopping_ = false;  // likewise
  Duration stop_timeout_{};
  std::uint32_t failures_ = 0;
  std::atomic<bool> stopped_{false};
  bool started_ = false;
  std::promise<void> begin_;  // run(), if it is started_
  std::thread thread_;
};

}  // namespace sluice::pipeline
