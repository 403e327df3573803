// librdkafka's own broker, in this process: for those who have none.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

namespace sluice::kafka {

// One broker on a free port of 127.0.0.1. Clients of any process may use it as they would a real
// one: groups, commits and idempotent producers work. It keeps everything in memory, creates no
// topic by itself, and lasts as long as this object.
class MockCluster {
 public:
  // A partition that grows beyond this loses its oldest records, whether they were read or not.
  static constexpr std::size_t kPartitionBytes = std::size_t{5} << 20;

  static Result<std::unique_ptr<MockCluster>> start();
  ~MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  Result<void> create_topic(const std::string& name, int partitions);

  // host:port, for kafka.brokers.
  std::string broker() const;

 private:
  struct Impl;
  explicit MockCluster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::kafka
