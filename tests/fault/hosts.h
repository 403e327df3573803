// The names that Sluice can look up, and a host that swallows packets.
#pragma once

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
