// Bodies as bench_sink reads them, whatever their Content-Encoding.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <cstddef>
#include <string_view>
#include <vector>

namespace sluice::bench {

enum class Encoding { none, gzip, zstd };

inline Encoding encoding_named(std::string_view name) {
  if (name == "gzip") return Encoding::gzip;
  return name == "zstd" ? Encoding::zstd : Encoding::none;
}

class Unpacker {
 public:
  // Valid until the next call; empty where `body` is not what it is said to be.
  std::string_view unpack(Encoding encoding, std::string_view body) {
    switch (encoding) {
      case Encoding::gzip:
        return gunzip(body);
      case Encoding::zstd:
        return unzstd(body);
      case Encoding::none:
        break;
    }
    return body;
  }

 private:
  static constexpr std::size_t kLargest = 16 << 20;

  std::string_view gunzip(std::string_view body) {
    room_.resize(kLargest);
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return {};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(room_.data());
    stream.avail_out = static_cast<uInt>(room_.size());
    const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
    const std::size_t size = stream.total_out;
    inflateEnd(&stream);
    return whole ? std::string_view(room_.data(), size) : std::string_view();
  }

  std::string_view unzstd(std::string_view body) {
    room_.resize(kLargest);
    const std::size_t size = ZSTD_decompress(room_.data(), room_.size(), body.data(), body.size());
    return ZSTD_isError(size) != 0U ? std::string_view() : std::string_view(room_.data(), size);
  }

  std::vector<char> room_;
};

}  // namespace sluice::bench
