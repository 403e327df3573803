// The Data Pipeline API on this machine: the checks, answers and limits of the real one, and
// faults at will. For demonstrations and tests; it keeps no record.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "simulator/event_types.h"
#include "simulator/fault.h"

namespace sluice::simulator {

struct Counts {
  std::uint64_t requests = 0;  // of records, whatever became of them
  std::uint64_t accepted_records = 0;
  std::uint64_t refused_requests = 0;  // 4xx but for the next two
  std::uint64_t throttled = 0;         // 429
  std::uint64_t unauthorized = 0;      // 401, 403
  std::uint64_t failed = 0;            // 5xx
};

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  std::string prefix = "/apigw/ingest";
  config::HkdfHmacAuth credentials;                 // the only ones it takes
  std::uint32_t requests_per_second = 1000;         // of each endpoint
  Duration latency = std::chrono::milliseconds(5);  // before each answer
  // Once per record taken, before the answer goes out; from several threads at once.
  std::function<void(const EventType&, std::string_view id)> on_accepted;
};

// Thread-safe.
class Simulator {
 public:
  // Binds and listens before it returns. `clock` outlives the simulator.
  static Result<std::unique_ptr<Simulator>> start(Options options, const Clock& clock);
  // Answers that wait for latency or a slow fault go out at once.
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  std::uint16_t port() const;
  std::string base_url() const;  // with the prefix
  // A request already under way ends as it began, but no longer waits for `slow`.
  void set_fault(Fault fault);
  Fault fault() const;
  Counts counts() const;

 private:
  struct Impl;
  explicit Simulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::simulator
