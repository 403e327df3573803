#include "admin/bounded_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace sluice::admin {
namespace {

// Knows how many connections wait for a thread.
class CountingQueue final : public httplib::TaskQueue {
 public:
  using Enqueued = decltype(std::declval<httplib::ThreadPool&>().enqueue({}));

  CountingQueue(std::size_t threads, std::atomic<std::size_t>& waiting)
      : pool_(threads), waiting_(waiting) {}

  Enqueued enqueue(std::function<void()> connection) override {
    ++waiting_;
    return pool_.enqueue(std::move(connection));
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  httplib::ThreadPool pool_;
  std::atomic<std::size_t>& waiting_;
};

// Time that the handler takes is nobody's fault at the other end, so an answer has a time of its
// own, from its first byte on.
class BoundedStream final : public httplib::Stream {
 public:
  // `listener`: no socket any more once the server stops.
  BoundedStream(socket_t socket, const Clock& clock, const ConnectionLimits& limits,
                const std::atomic<std::size_t>& waiting, const std::atomic<socket_t>& listener)
      : socket_(socket), clock_(clock), limits_(limits), waiting_(waiting), listener_(listener) {}

  bool is_readable() const override {
    return begin_ != end_ || wait_for(POLLIN, began_, end_ == 0 ? limits_.silent : limits_.longest);
  }
  bool is_writable() const override {
    return wait_for(POLLOUT, answer_began_.value_or(clock_.now()), limits_.longest);
  }

  // httplib asks for single bytes.
  ssize_t read(char* to, size_t size) override {
    if (!is_readable()) return -1;
    if (begin_ == end_) {
      const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got <= 0) return got;
      begin_ = 0;
      end_ = static_cast<size_t>(got);
    }
    const size_t given = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, given);
    begin_ += given;
    return static_cast<ssize_t>(given);
  }
  ssize_t write(const char* from, size_t size) override {
    if (!answer_began_) answer_began_ = clock_.now();
    if (!is_writable()) return -1;
    return ::send(socket_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  // Nobody asks who it is.
  void get_remote_ip_and_port(std::string& ip, int& port) const override { nowhere(ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { nowhere(ip, port); }
  socket_t socket() const override { return socket_; }

 private:
  static void nowhere(std::string& ip, int& port) {
    ip.clear();
    port = 0;
  }
  // In short waits, since others may come meanwhile, or the end.
  bool wait_for(short what, Instant since, ConnectionLimits::Time limit) const {
    while (true) {
      pollfd one{socket_, what, 0};
      const int ready = ::poll(&one, 1, static_cast<int>(limits_.hurried.count()) / 2);
      const auto allowed = waiting_ > 0 ? std::min(limit, limits_.hurried) : limit;
      if (clock_.now() - since > allowed) return false;
      if (ready > 0) return true;
      if ((ready < 0 && errno != EINTR) || listener_ == INVALID_SOCKET) return false;
    }
  }

  const socket_t socket_;
  const Clock& clock_;
  const ConnectionLimits& limits_;
  const std::atomic<std::size_t>& waiting_;
  const std::atomic<socket_t>& listener_;
  const Instant began_ = clock_.now();
  std::optional<Instant> answer_began_;
  std::array<char, 1024> buffer_{};  // of it, what lies between the next two is not read yet
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace

std::unique_ptr<httplib::TaskQueue> BoundedServer::make_queue(std::size_t threads) {
  return std::make_unique<CountingQueue>(threads, waiting_);
}

// What httplib of Debian 12 (0.11) and of Debian 13 (0.18) has for this differs.
template <typename Self>
bool BoundedServer::process(Self& self, httplib::Stream& stream) {
  bool closed = false;
  if constexpr (requires { self.process_request(stream, true, closed, nullptr); }) {
    return self.process_request(stream, true, closed, nullptr);
  } else {
    return self.process_request(stream, "", 0, "", 0, true, closed, nullptr);
  }
}

bool BoundedServer::process_and_close_socket(socket_t socket) {
  --waiting_;
  BoundedStream stream(socket, clock_, limits_, waiting_, svr_sock_);
  const bool done = stream.is_readable() && process(*this, stream);
  ::shutdown(socket, SHUT_RDWR);
  ::close(socket);
  return done;
}

}  // namespace sluice::admin
