#include "fault/hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "support/process.h"

namespace sluice::fault {
namespace {

// The listener's queue is full with fewer.
constexpr int kCallers = 4;

int new_socket(int type = SOCK_STREAM, int protocol = 0) {
  const int made = ::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "socket");
  return made;
}

sockaddr_in place(std::uint32_t address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = port;
  made.sin_addr.s_addr = address;
  return made;
}

void bind_to(int socket, const sockaddr_in& at) {
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return;
  throw std::system_error(errno, std::generic_category(), "bind");
}

}  // namespace

Hosts::Hosts(std::filesystem::path file) : file_(std::move(file)) { std::ofstream{file_}; }

std::map<std::string, std::string> Hosts::env() const {
  return {{"LD_PRELOAD", "libnss_wrapper.so"}, {"NSS_WRAPPER_HOSTS", file_.string()}};
}

// It is read again when its time is another second.
void Hosts::set(const std::string& name, const std::vector<std::string>& addresses) {
  const std::filesystem::path made = file_.string() + ".new";
  std::ofstream out(made);
  for (const std::string& address : addresses) out << address << ' ' << name << '\n';
  out.close();
  std::filesystem::last_write_time(
      made, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(2 * ++changes_));
  std::filesystem::rename(made, file_);
}

std::string Hosts::first_address(const std::string& name) const {
  const std::filesystem::path out = file_.string() + ".found";
  test::ChildProcess(
      {.argv = {"getent", "ahostsv4", name}, .env = env(), .out_file = out, .err_file = out})
      .wait(std::chrono::seconds(10));
  const std::string found = test::read_file(out);
  return found.substr(0, found.find(' '));
}

Doorbell::Doorbell(const std::string& address, std::uint16_t port)
    : address_(::inet_addr(address.c_str())),
      port_(htons(port)),
      socket_(new_socket(SOCK_RAW, IPPROTO_TCP)) {
  bind_to(socket_, place(address_, 0));
}

Doorbell::~Doorbell() { ::close(socket_); }

std::size_t Doorbell::rings() const {
  std::size_t count = 0;
  std::string packet(1500, '\0');
  for (;;) {
    const ssize_t size = ::recv(socket_, packet.data(), packet.size(), 0);
    if (size < 0) return count;
    if (is_ring(packet.substr(0, static_cast<std::size_t>(size)))) ++count;
  }
}

// A SYN without ACK (RFC 791, 3.1; RFC 9293, 3.1).
bool Doorbell::is_ring(const std::string& packet) const {
  constexpr std::size_t kSource = 12;
  const std::size_t tcp = packet.empty() ? 0 : (packet[0] & 0x0fU) * 4U;
  if (tcp < 20 || packet.size() < tcp + 20) return false;
  std::uint32_t source = 0;
  std::uint16_t port = 0;
  std::memcpy(&source, packet.data() + kSource, sizeof source);
  std::memcpy(&port, packet.data() + tcp + 2, sizeof port);
  return source != address_ && port == port_ && (packet[tcp + 13] & 0x12) == 0x02;
}

DeafHost::DeafHost(const std::string& address, std::uint16_t port) {
  const sockaddr_in at = place(::inet_addr(address.c_str()), htons(port));
  sockets_.push_back(new_socket());
  bind_to(sockets_.front(), at);
  if (::listen(sockets_.front(), 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "a deaf host at " + address);
  }
  for (int i = 0; i < kCallers; ++i) {
    sockets_.push_back(new_socket());
    bind_to(sockets_.back(), place(at.sin_addr.s_addr, 0));  // no doorbell counts them
    static_cast<void>(::connect(sockets_.back(), reinterpret_cast<const sockaddr*>(&at),
                                sizeof at));  // the last ones wait
  }
}

DeafHost::~DeafHost() {
  for (const int socket : sockets_) ::close(socket);
}

}  // namespace sluice::fault
