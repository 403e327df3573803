#include "support/tcp_pipe.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice::test {
namespace {

constexpr std::size_t kMostHeld = 4U << 20U;  // what is more waits in the sender's socket
constexpr std::size_t kDropsPerSecond = 20;

std::size_t drop_size(const Trouble& trickle) {
  return std::max<std::size_t>(1, trickle.bytes / kDropsPerSecond);
}

bool is_patience() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

bool TcpPipe::move(const Trouble& trouble, ProxyTime now, std::size_t allowance) {
  return take_in(now) && give_out(trouble, now, allowance);
}

void TcpPipe::watch(const Trouble& trouble, ProxyTime now, std::vector<pollfd>& polled,
                    ProxyTime& wake) const {
  if (takes_more()) polled.push_back({.fd = from_, .events = POLLIN, .revents = 0});
  if (held_.empty()) return;
  if (due(trouble) <= now) {
    polled.push_back({.fd = to_, .events = POLLOUT, .revents = 0});
  } else {
    wake = std::min(wake, due(trouble));
  }
}

bool TcpPipe::takes_more() const { return !end_came_ && held_bytes_ < kMostHeld; }

bool TcpPipe::take_in(ProxyTime now) {
  static thread_local std::array<char, 64 * 1024> buffer;
  while (takes_more()) {
    const ssize_t size = ::recv(from_, buffer.data(), buffer.size(), 0);
    if (size < 0) return is_patience();
    end_came_ = size == 0;
    held_bytes_ += static_cast<std::size_t>(size);
    held_.push_back({now, std::string(buffer.data(), static_cast<std::size_t>(size))});
  }
  return true;
}

bool TcpPipe::give_out(const Trouble& trouble, ProxyTime now, std::size_t allowance) {
  while (!held_.empty() && due(trouble) <= now && allowance > 0) {
    std::string& bytes = held_.front().bytes;
    if (bytes.empty()) {
      ::shutdown(to_, SHUT_WR);
      over_ = true;
      held_.pop_front();
      return true;
    }
    std::size_t size = std::min(bytes.size(), allowance);
    const bool trickles = trouble.kind == Trouble::Kind::trickle;
    if (trickles) size = std::min(size, drop_size(trouble));
    const ssize_t sent = ::send(to_, bytes.data(), size, MSG_NOSIGNAL);
    if (sent < 0) return is_patience();
    const auto gone = static_cast<std::size_t>(sent);
    moved_ += gone;
    held_bytes_ -= gone;
    allowance -= gone;
    if (trickles) next_drop_ = now + std::chrono::nanoseconds(gone * 1'000'000'000 / trouble.bytes);
    if (gone == bytes.size()) {
      held_.pop_front();
    } else {
      bytes.erase(0, gone);
    }
  }
  return true;
}

ProxyTime TcpPipe::due(const Trouble& trouble) const {
  switch (trouble.kind) {
    case Trouble::Kind::latency:
      return held_.front().came + trouble.delay;
    case Trouble::Kind::trickle:
      return next_drop_;
    default:
      return {};
  }
}

}  // namespace sluice::test
