// A feed and an API for more records than a book of them can hold: each is a number, and a bit.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "support/scripted_server.h"

namespace sluice::fault {

// Writes the numbers from 0 to `each` - 1 to each partition, in that order, in records of about 100
// bytes. Returns when Kafka has confirmed them.
void write_numbers(const std::string& brokers, const std::string& topic, std::int32_t partitions,
                   std::int64_t each);

// Takes everything, and knows of each number whether it has come.
class LightApi {
 public:
  LightApi(std::int32_t partitions, std::int64_t each);

  std::string url() const { return server_.url(); }
  std::size_t requests() const { return server_.request_count(); }

  struct Seen {
    std::int64_t records = 0;   // different ones
    std::int64_t repeated = 0;  // again
    std::int64_t unknown = 0;   // no such number, or no number at all
    std::int64_t disorder = 0;  // before one that is lower, of the same partition
  };
  Seen seen() const;

 private:
  test::Reply handle(const test::SeenRequest& request);
  // Of one record, that begins there; moves `body` on to the next one.
  void take(std::string_view& body);

  struct Partition {
    std::vector<bool> came;
    std::int64_t next = 0;
  };
  mutable std::mutex mutex_;  // guards the next two
  std::vector<Partition> partitions_;
  Seen seen_;

  test::ScriptedServer server_;  // last: its handler uses what stands above
};

}  // namespace sluice::fault
