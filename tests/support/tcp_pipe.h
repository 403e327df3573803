// What TcpProxy is made of: one direction of one connection.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "support/tcp_proxy.h"

namespace sluice::test {

using ProxyTime = std::chrono::steady_clock::time_point;

// Bytes that came from one socket on their way to another. The sockets do not block, and stay the
// caller's.
class TcpPipe {
 public:
  TcpPipe(int from, int to) : from_(from), to_(to) {}

  // Moves what `trouble` lets move now, at most `allowance` bytes out. False: a socket is broken.
  bool move(const Trouble& trouble, ProxyTime now, std::size_t allowance);
  // What has to happen before move() can do more: an event, or the time that `wake` is brought
  // forward to.
  void watch(const Trouble& trouble, ProxyTime now, std::vector<pollfd>& polled,
             ProxyTime& wake) const;

  // The end has been passed on.
  bool over() const { return over_; }
  // Bytes passed on so far.
  std::size_t moved() const { return moved_; }

 private:
  struct Chunk {
    ProxyTime came;
    std::string bytes;  // empty: the end
  };

  bool takes_more() const;
  bool take_in(ProxyTime now);
  bool give_out(const Trouble& trouble, ProxyTime now, std::size_t allowance);
  // When the first chunk may go on.
  ProxyTime due(const Trouble& trouble) const;

  int from_;
  int to_;
  std::deque<Chunk> held_;
  std::size_t held_bytes_ = 0;
  std::size_t moved_ = 0;
  bool end_came_ = false;
  bool over_ = false;
  ProxyTime next_drop_{};  // of a trickle
};

}  // namespace sluice::test
