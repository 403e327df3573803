// How much lies in the topics that somebody still has to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::demo {

// The mock broker throws away the head of a partition that grows beyond 5 MB, read or not, so its
// writer has to wait before that. A topic counts as one partition here: partitions may fill
// unevenly, and the sum is never less than the fullest of them.
class Backlog {
 public:
  Backlog(std::size_t topics, std::size_t limit_bytes);

  void written(std::size_t topic, std::size_t bytes);
  // How many of its records have their outcome, all partitions together.
  void finished(std::size_t topic, std::uint64_t records);

  // Some topic holds the limit or more.
  bool full() const;

 private:
  struct Topic {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t finished = 0;
  };

  bool full(const Topic& topic) const;

  const std::size_t limit_bytes_;
  std::vector<Topic> topics_;
};

}  // namespace sluice::demo
