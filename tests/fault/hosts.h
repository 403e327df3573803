// The names that Sluice can look up, and a host that swallows packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace sluice::fault {

// A process with this environment finds these names, and no others. Needs libnss-wrapper.
class Hosts {
 public:
  // `file`: where it is kept.
  explicit Hosts(std::filesystem::path file);

  std::map<std::string, std::string> env() const;
  // From now on; an empty list: there is no such name.
  void set(const std::string& name, const std::vector<std::string>& addresses);
  // What such a process tries first; empty: there is no such name.
  std::string first_address(const std::string& name) const;

 private:
  const std::filesystem::path file_;
  int changes_ = 0;
};

// Sees every attempt to connect to an address, whether or not anybody listens there. Needs the
// right to open raw sockets, as root has it.
class Doorbell {
 public:
  Doorbell(const std::string& address, std::uint16_t port);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // Since the last call; one that is sent again counts again. What comes from the address itself
  // does not count.
  std::size_t rings() const;

 private:
  bool is_ring(const std::string& packet) const;

  const std::uint32_t address_;  // in network order, as is the port
  const std::uint16_t port_;
  const int socket_;
};

// Whoever connects there hears nothing, not even that nobody is there.
class DeafHost {
 public:
  DeafHost(const std::string& address, std::uint16_t port);
  ~DeafHost();
  DeafHost(const DeafHost&) = delete;
  DeafHost& operator=(const DeafHost&) = delete;

 private:
  std::vector<int> sockets_;
};

}  // namespace sluice::fault
