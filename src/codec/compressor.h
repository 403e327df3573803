// Request bodies, smaller.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::codec {

enum class Compression : std::uint8_t { gzip, zstd };

// Keeps its working memory, so that a steady flow allocates nothing but `out`. The same bytes give
// the same bytes: a retry is the request it repeats. Not thread-safe.
class Compressor {
 public:
  virtual ~Compressor() = default;

  // `out` becomes one whole gzip member (RFC 1952) or one zstd frame (RFC 8878) of `body`.
  virtual void compress(std::string_view body, std::string& out) = 0;
  // As Content-Encoding names it.
  virtual std::string_view encoding() const = 0;
  // Bytes of working memory, for the memory budget.
  virtual std::size_t memory() const = 0;

  static std::unique_ptr<Compressor> create(Compression compression);
};

}  // namespace sluice::codec
