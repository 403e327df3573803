// What the tests of the HTTP port ask with.
#pragma once

#include <gtest/gtest.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace sluice::admin {

// A bare TCP connection, so that the tests see the very bytes of the answer.
class Connection {
 public:
  Connection(const char* host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (getaddrinfo(host, std::to_string(port).c_str(), &hints, &found) != 0) return;
    socket_ = socket(found->ai_family, found->ai_socktype, 0);
    connected_ = connect(socket_, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return connected_; }
  void send(const std::string& bytes) const {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // That nothing comes from the other end for so long, not even its end.
  bool stays_open(std::chrono::milliseconds time) const {
    pollfd one{socket_, POLLIN, 0};
    return poll(&one, 1, static_cast<int>(time.count())) == 0;
  }
  // False: the other end has closed it.
  bool takes(const std::string& bytes) const {
    char none = 0;
    const bool open = recv(socket_, &none, 1, MSG_DONTWAIT | MSG_PEEK) != 0;
    return open && ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
  }
  std::string read_to_end() const {
    std::string all;
    char part[4096];
    for (ssize_t got = 0; (got = recv(socket_, part, sizeof(part), 0)) > 0;) {
      all.append(part, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int socket_ = -1;
  bool connected_ = false;
};

}  // namespace sluice::admin
