// A TCP proxy on loopback in front of another port: the network between a client and its server,
// broken in every way a network can be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace sluice::test {

struct Trouble {
  enum class Kind : std::uint8_t {
    none,
    latency,      // each direction is delayed
    trickle,      // each direction of each connection has few bytes per second, but one
    blackhole,    // connections come about and no byte moves, not even an end; all of it at heal()
    half_open,    // requests get through, and answers stand still until heal()
    refuse,       // existing connections are reset, new ones refused
    reset,        // existing connections are reset, new ones as soon as they are accepted
    reset_after,  // each connection is reset once it has moved so many bytes more, of either side
  };

  static Trouble latency(std::chrono::milliseconds delay) { return {Kind::latency, delay, 0}; }
  static Trouble trickle(std::size_t bytes_per_second) {
    return {Kind::trickle, {}, bytes_per_second};
  }
  static Trouble blackhole() { return {Kind::blackhole, {}, 0}; }
  static Trouble half_open() { return {Kind::half_open, {}, 0}; }
  static Trouble refuse() { return {Kind::refuse, {}, 0}; }
  static Trouble reset() { return {Kind::reset, {}, 0}; }
  static Trouble reset_after(std::size_t bytes) { return {Kind::reset_after, {}, bytes}; }

  Kind kind = Kind::none;
  std::chrono::milliseconds delay{0};
  std::size_t bytes = 0;
};

// What a call below says holds when it returns, for existing connections as well. A client whose
// server cannot be reached is accepted and reset. Thread-safe. Throws std::system_error.
class TcpProxy {
 public:
  // 0: there is no server until retarget().
  explicit TcpProxy(std::uint16_t upstream = 0);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::uint16_t port() const;

  // One trouble at a time: it takes the place of the one before.
  void set(const Trouble& trouble);
  void heal() { set({}); }
  // Resets all connections of now; new ones are as before.
  void cut();
  // Where new connections go; the existing ones stay with their server.
  void retarget(std::uint16_t upstream);

  // How many there are now, and how many there have been.
  std::size_t connections() const;
  std::size_t accepted() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::test
