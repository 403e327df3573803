// Whether files changed since they were last read.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "config/config.h"

namespace sluice::service {

// A number for the bytes of each file, another one for others; 0 where it cannot be read. Contents
// are compared, not times: Kubernetes swaps symbolic links, and some editors write in place.
using FileMarks = std::map<std::string, std::uint64_t>;
// Blocks: reads the files.
FileMarks mark_files(const std::set<std::string>& paths);

// Of all targets: CA, certificate and key.
std::set<std::string> tls_files_of(const config::Config& config);
// Of Kafka's clients.
std::set<std::string> kafka_files_of(const config::Config& config);
std::set<std::string> schema_files_of(const config::Config& config);

// Looks now and then. For one thread.
class FileWatch {
 public:
  explicit FileWatch(std::set<std::string> paths)
      : paths_(std::move(paths)), settled_(mark_files(paths_)), last_(settled_) {}

  // True once for each change, when two looks in a row have found the same: what is being written
  // is not read half.
  bool changed();
  // Takes what is there for a change: whoever read the files did so before it was looked at them,
  // or could not make use of them.
  void doubt() { settled_.clear(); }

 private:
  std::set<std::string> paths_;
  FileMarks settled_;
  FileMarks last_;
};

}  // namespace sluice::service
