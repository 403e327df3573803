// Every trouble of the proxy that other tests put between Sluice and its servers.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "support/eventually.h"
#include "support/free_port.h"
#include "support/tcp_proxy.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr auto kSoon = seconds(10);         // for what comes
constexpr auto kAWhile = milliseconds(50);  // for what does not

enum class End : std::uint8_t { none, closed, reset };

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// One end of a connection.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}
  // Connects; says so in refused() where nobody listens.
  static Peer to(std::uint16_t port) {
    Peer peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(peer.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      peer.refused_ = errno == ECONNREFUSED;
    }
    return peer;
  }
  Peer(Peer&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), refused_(other.refused_), end_(other.end_) {}
  Peer& operator=(Peer&&) = delete;
  ~Peer() { close(); }

  bool refused() const { return refused_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void finish() { ::shutdown(socket_, SHUT_WR); }

  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t size = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size < 0) return;
      sent += static_cast<std::size_t>(size);
    }
  }
  // What came until there were `size` bytes, an end, or no time left.
  std::string receive(std::size_t size, milliseconds timeout = kSoon) {
    std::string bytes;
    const auto deadline = Clock::now() + timeout;
    while (bytes.size() < size && end_ == End::none && Clock::now() < deadline) read(bytes, size);
    return bytes;
  }
  // How it ended within that time.
  End end(milliseconds timeout = kSoon) {
    EXPECT_EQ(receive(1, timeout), "");
    return end_;
  }

 private:
  void read(std::string& bytes, std::size_t size) {
    pollfd polled{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&polled, 1, 5) != 1) return;
    std::string more(size - bytes.size(), '\0');
    const ssize_t got = ::recv(socket_, more.data(), more.size(), 0);
    if (got > 0) bytes.append(more, 0, static_cast<std::size_t>(got));
    if (got == 0) end_ = End::closed;
    if (got < 0) end_ = End::reset;
  }

  int socket_;
  bool refused_ = false;
  End end_ = End::none;
};

class Server {
 public:
  Server() : port_(free_port()), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = loopback(port_);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { ::close(listener_); }

  std::uint16_t port() const { return port_; }
  bool has_visitor(milliseconds timeout) const {
    pollfd polled{.fd = listener_, .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, static_cast<int>(timeout.count())) == 1;
  }
  Peer accept() const {
    EXPECT_TRUE(has_visitor(kSoon));
    return Peer(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  std::uint16_t port_;
  int listener_;
};

// A connection through the proxy, both of its ends in our hands.
class Proxy : public testing::Test {
 protected:
  void expect_to_work() {
    Peer client = Peer::to(proxy_.port());
    Peer server = server_.accept();
    client.send("ask");
    EXPECT_EQ(server.receive(3), "ask");
    server.send("answer");
    EXPECT_EQ(client.receive(6), "answer");
  }

  Server server_;
  TcpProxy proxy_{server_.port()};
  Peer client_ = Peer::to(proxy_.port());
  Peer at_server_ = server_.accept();
};

TEST_F(Proxy, BytesAndEndsPassBothWays) {
  client_.send("ask");
  EXPECT_EQ(at_server_.receive(3), "ask");
  client_.finish();
  EXPECT_EQ(at_server_.end(), End::closed);
  at_server_.send("answer");
  EXPECT_EQ(client_.receive(6), "answer");
  EXPECT_EQ(proxy_.connections(), 1U);
  at_server_.close();
  EXPECT_EQ(client_.end(), End::closed);
  EXPECT_TRUE(eventually([&] { return proxy_.connections() == 0; }, kSoon));
  EXPECT_EQ(proxy_.accepted(), 1U);
}

TEST_F(Proxy, ManyBytesArriveAsTheyWereSentHoweverLateTheyAreRead) {
  std::string sent;
  for (int i = 0; sent.size() < 20'000'000; ++i) sent += std::to_string(i) + ' ';
  std::thread writer([&] { client_.send(sent); });
  std::this_thread::sleep_for(kAWhile);  // all buffers are full
  const std::string received = at_server_.receive(sent.size());
  writer.join();
  EXPECT_TRUE(received == sent);
}

TEST_F(Proxy, AResetOfOneSideIsOneOfTheOther) {
  client_.send("unread");
  EXPECT_EQ(at_server_.receive(1), "u");
  at_server_.close();  // the rest unread
  EXPECT_EQ(client_.end(), End::reset);
}

TEST_F(Proxy, LatencyDelaysEachDirection) {
  proxy_.set(Trouble::latency(milliseconds(80)));
  const auto start = Clock::now();
  client_.send("ask");
  EXPECT_EQ(at_server_.receive(3), "ask");
  EXPECT_GE(Clock::now() - start, milliseconds(80));
  at_server_.send("answer");
  EXPECT_EQ(client_.receive(6), "answer");
  EXPECT_GE(Clock::now() - start, milliseconds(160));
}

TEST_F(Proxy, WhatLatencyHeldIsSetFreeWhenItIsHealed) {
  proxy_.set(Trouble::latency(std::chrono::hours(1)));
  client_.send("ask");
  EXPECT_EQ(at_server_.receive(1, kAWhile), "");
  proxy_.heal();
  EXPECT_EQ(at_server_.receive(3), "ask");
}

TEST_F(Proxy, ATrickleHasItsBytesPerSecond) {
  proxy_.set(Trouble::trickle(1000));
  const auto start = Clock::now();
  client_.send(std::string(250, 'x'));
  EXPECT_EQ(at_server_.receive(250).size(), 250U);
  EXPECT_GE(Clock::now() - start, milliseconds(190));
  at_server_.send(std::string(100'000, 'y'));
  EXPECT_EQ(client_.receive(1).size(), 1U);
  proxy_.heal();
  EXPECT_EQ(client_.receive(99'999).size(), 99'999U);
}

TEST_F(Proxy, ABlackholeAcceptsAndNothingMovesUntilItIsHealed) {
  proxy_.set(Trouble::blackhole());
  client_.send("ask");
  client_.finish();
  at_server_.send("answer");
  Peer late = Peer::to(proxy_.port());
  late.send("late");
  EXPECT_FALSE(late.refused());
  EXPECT_FALSE(server_.has_visitor(kAWhile));
  EXPECT_EQ(at_server_.end(kAWhile), End::none);
  EXPECT_EQ(client_.end(kAWhile), End::none);
  proxy_.heal();
  EXPECT_EQ(at_server_.receive(3), "ask");
  EXPECT_EQ(at_server_.end(), End::closed);
  EXPECT_EQ(client_.receive(6), "answer");
  EXPECT_EQ(server_.accept().receive(4), "late");
}

TEST_F(Proxy, HalfOpenLetsRequestsThroughAndHoldsAnswersBack) {
  proxy_.set(Trouble::half_open());
  client_.send("ask");
  EXPECT_EQ(at_server_.receive(3), "ask");
  at_server_.send("answer");
  at_server_.finish();
  EXPECT_EQ(client_.end(kAWhile), End::none);
  proxy_.heal();
  EXPECT_EQ(client_.receive(6), "answer");
  EXPECT_EQ(client_.end(), End::closed);
}

TEST_F(Proxy, RefusesConnectionsUntilItIsHealedOnTheSamePort) {
  proxy_.set(Trouble::refuse());
  EXPECT_EQ(client_.end(), End::reset);
  EXPECT_EQ(at_server_.end(), End::reset);
  EXPECT_TRUE(Peer::to(proxy_.port()).refused());
  proxy_.set(Trouble::refuse());
  EXPECT_TRUE(Peer::to(proxy_.port()).refused());
  proxy_.heal();
  expect_to_work();
}

TEST_F(Proxy, ResetsConnectionsUntilItIsHealed) {
  proxy_.set(Trouble::reset());
  EXPECT_EQ(client_.end(), End::reset);
  EXPECT_EQ(at_server_.end(), End::reset);
  Peer late = Peer::to(proxy_.port());
  EXPECT_EQ(late.end(), End::reset);
  EXPECT_FALSE(server_.has_visitor(kAWhile));
  proxy_.heal();
  expect_to_work();
}

TEST_F(Proxy, ResetAfterCountsTheBytesOfEachConnectionFromThen) {
  client_.send("before");
  EXPECT_EQ(at_server_.receive(6), "before");
  proxy_.set(Trouble::reset_after(10));
  client_.send("asks");
  EXPECT_EQ(at_server_.receive(4), "asks");
  at_server_.send("a long answer");
  EXPECT_EQ(client_.receive(100), "a long");
  EXPECT_EQ(client_.end(), End::reset);
  EXPECT_EQ(at_server_.end(), End::reset);
  expect_to_work();  // nine bytes
}

TEST_F(Proxy, ACutResetsTheConnectionsOfNowOnly) {
  proxy_.cut();
  EXPECT_EQ(client_.end(), End::reset);
  EXPECT_EQ(at_server_.end(), End::reset);
  expect_to_work();
}

TEST_F(Proxy, ACutReachesThoseThatWaitInABlackhole) {
  proxy_.set(Trouble::blackhole());
  Peer late = Peer::to(proxy_.port());
  proxy_.cut();
  EXPECT_EQ(late.end(), End::reset);
  EXPECT_EQ(client_.end(), End::reset);
}

TEST_F(Proxy, NewConnectionsGoToTheNewServerAndTheOthersStay) {
  const Server other;
  proxy_.retarget(other.port());
  Peer late = Peer::to(proxy_.port());
  late.send("new");
  client_.send("old");
  EXPECT_EQ(other.accept().receive(3), "new");
  EXPECT_EQ(at_server_.receive(3), "old");
  EXPECT_FALSE(server_.has_visitor(kAWhile));
}

TEST_F(Proxy, AClientIsResetWhereThereIsNoServer) {
  proxy_.retarget(free_port());
  EXPECT_EQ(Peer::to(proxy_.port()).end(), End::reset);
}

TEST(ProxyWithoutServer, ResetsUntilItHasOne) {
  TcpProxy proxy;
  EXPECT_EQ(Peer::to(proxy.port()).end(), End::reset);
}

}  // namespace
}  // namespace sluice::test
