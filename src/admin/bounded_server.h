// An httplib::Server whose clients hold a thread for a bounded time. Private to admin.
#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

#include "base/clock.h"

namespace sluice::admin {

// How long a connection may hold a thread.
struct ConnectionLimits {
  using Time = std::chrono::milliseconds;

  Time silent = std::chrono::seconds(1);  // without the first byte of a request
  Time longest =
      std::chrono::seconds(5);  // until the request is read, and once more for the answer
  Time hurried = Time(100);     // in place of both, while another waits for a thread
};

// One request a connection: it is read, handled and answered, and the connection is closed.
// httplib's own timeouts begin anew with each byte, so that a client that drips would hold its
// thread for as long as it likes, and a few of them all threads.
class BoundedServer final : public httplib::Server {
 public:
  // `clock` outlives it.
  explicit BoundedServer(const Clock& clock, ConnectionLimits limits = {})
      : clock_(clock), limits_(limits) {}

  // For new_task_queue: so many threads.
  std::unique_ptr<httplib::TaskQueue> make_queue(std::size_t threads);

 private:
  bool process_and_close_socket(socket_t socket) override;
  template <typename Self>
  static bool process(Self& self, httplib::Stream& stream);

  const Clock& clock_;
  const ConnectionLimits limits_;
  std::atomic<std::size_t> waiting_{0};  // connections without a thread
};

}  // namespace sluice::admin
