// The compressed body of a request, kept for its retries.
#pragma once

#include <string>
#include <string_view>

#include "batch/memory_meter.h"
#include "codec/compressor.h"

namespace sluice::deliver {

// Counts its bytes in the worker's memory, as batches do. `memory` outlives it.
class PackedBody {
 public:
  explicit PackedBody(batch::MemoryMeter& memory) : memory_(memory) {}
  ~PackedBody() { clear(); }
  PackedBody(const PackedBody&) = delete;
  PackedBody& operator=(const PackedBody&) = delete;

  // Compresses on the first call; later ones return the same bytes until clear().
  std::string_view pack(std::string_view body, codec::Compressor& compressor) {
    if (bytes_.empty()) {
      compressor.compress(body, bytes_);
      counted_ = bytes_.capacity();
      memory_.add(counted_);
    }
    return bytes_;
  }

  void clear() {
    memory_.remove(counted_);
    counted_ = 0;
    bytes_ = {};
  }

 private:
  batch::MemoryMeter& memory_;
  std::string bytes_;
  std::size_t counted_ = 0;
};

}  // namespace sluice::deliver
