// The seam between those who need a record written for sure and the producer that does it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

struct OwnedHeader {
  std::string name;
  std::optional<std::string> value;
};

// Borrowed by write() for the length of the call only.
struct OutgoingRecord {
  std::string_view topic;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  const std::vector<OwnedHeader>& headers;
  std::optional<std::int32_t> partition = std::nullopt;  // nullopt: by the key, or any
};

enum class WriteStatus : std::uint8_t {
  confirmed,  // all in-sync replicas have it
  too_large,  // the producer or the broker will never take a record of this size
  failed,     // not written, or not known to be: writing it again is right
};

struct WriteResult {
  WriteStatus status = WriteStatus::failed;
  std::string detail;  // for people; empty when confirmed
};

class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  // Takes a copy of `record` and calls `done` exactly once, from any thread and maybe before this
  // call returns. A writer that is destroyed first calls `done` with `failed`. Never blocks.
  virtual void write(const OutgoingRecord& record, std::function<void(WriteResult)> done) = 0;
};

}  // namespace sluice
