// The HTTP port for operators: the console at /, /metrics, /livez, /readyz, /status, and actions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "admin/actions.h"
#include "base/clock.h"
#include "base/result.h"
#include "telemetry/metrics.h"
#include "telemetry/status.h"

namespace sluice::admin {

// Serves from its own threads until destroyed. Bounded: a few threads, 5 s for the whole of a
// request and of an answer, no request bodies, so that a client that is stuck, or drips, costs a
// thread for seconds and the data path nothing.
class Server {
 public:
  static constexpr std::size_t kThreads = 33;  // that it starts, one of them to take connections

  // Binds and listens before it returns; port 0 takes a free one. `clock`, `metrics`, `status` and
  // what `actions` uses must outlive the server.
  static Result<std::unique_ptr<Server>> start(const std::string& host, std::uint16_t port,
                                               const Clock& clock,
                                               const telemetry::Metrics& metrics,
                                               const telemetry::StatusBoard& status,
                                               ActionPort actions = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::admin
