#include "fault/hosts.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>

#include "support/process.h"

namespace sluice::fault {
namespace {

// The listener's queue is full with fewer.
constexpr int kCallers = 4;

int new_socket() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "socket");
  return made;
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

DeafHost::DeafHost(const std::string& address, std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = ::inet_addr(address.c_str());
  const auto* const generic = reinterpret_cast<const sockaddr*>(&at);
  sockets_.push_back(new_socket());
  if (::bind(sockets_.front(), generic, sizeof at) != 0 || ::listen(sockets_.front(), 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "a deaf host at " + address);
  }
  for (int i = 0; i < kCallers; ++i) {
    sockets_.push_back(new_socket());
    static_cast<void>(::connect(sockets_.back(), generic, sizeof at));  // the last ones wait
  }
}

DeafHost::~DeafHost() {
  for (const int socket : sockets_) ::close(socket);
}

}  // namespace sluice::fault
