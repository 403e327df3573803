// The API of a trial: takes records, misbehaves as told, and remembers everything.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "fault/book.h"
#include "fault/evidence.h"
#include "support/scripted_server.h"

namespace sluice::fault {

struct Said {
  test::Reply reply;
  bool takes = false;                      // the API keeps the records, whatever it answers
  std::vector<std::string> left_out = {};  // but not these
};

// What to say to a request; nothing: what a healthy API says. Called by many threads at once.
using Mood = std::function<std::optional<Said>(const test::SeenRequest& request,
                                               const std::vector<std::string>& ids)>;

Mood always(test::Reply reply);
// Takes the records, and then does that instead of saying so; refuses poison as always.
Mood takes_but(test::Fault fault);

// Healthy: 200, or 400 for a request with poison in it, after `work`. Thread-safe.
class WitnessApi {
 public:
  struct Options {
    std::optional<test::TlsOptions> tls = std::nullopt;
    std::chrono::milliseconds work{5};
    // The body of a 200 for so many records.
    std::function<std::string(std::size_t records)> body = [](std::size_t) { return ""; };
  };
  // `book` outlives it.
  WitnessApi(const Book& book, Options options);

  test::ScriptedServer& server() { return server_; }
  std::string url() const { return server_.url(); }

  void misbehave(Mood mood);
  void heal();
  void work_for(std::chrono::milliseconds time);
  // While on: answers may not arrive, because of something between us and the client.
  void doubt(bool on);
  // Called for each request before it is answered; for faults that must hit while one is at work.
  void on_request(std::function<void()> call);

  bool took(const std::string& id) const;
  std::size_t taken_count() const;  // different records
  std::size_t batch_count() const;
  std::vector<SeenBatch> batches() const;

 private:
  test::Reply handle(const test::SeenRequest& request);
  void leave_out(const std::vector<std::string>& ids, std::size_t index);
  Said say(const test::SeenRequest& request, const std::vector<std::string>& ids) const;

  const Book& book_;
  mutable std::mutex mutex_;  // guards what follows
  Mood mood_;
  std::function<void()> on_request_;
  std::chrono::milliseconds work_;
  const std::function<std::string(std::size_t)> body_;
  bool doubtful_ = false;
  std::vector<SeenBatch> batches_;
  std::unordered_set<std::string> taken_;

  test::ScriptedServer server_;  // last: its handler uses what stands above
};

}  // namespace sluice::fault
