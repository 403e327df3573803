#include "codec/compressor.h"

#include <zlib.h>
#include <zstd.h>

#include <new>
#include <stdexcept>

namespace sluice::codec {
namespace {

// Of the default level's bytes all but a sixth are saved too, in a third of its time: the worker
// does nothing else meanwhile.
constexpr int kGzipLevel = 1;
constexpr int kGzipWindowBits = 15 + 16;  // the largest window; 16 asks for gzip's header
constexpr int kGzipMemLevel = 8;
constexpr int kZstdLevel = 3;

// `out` holds what fits `bound`; it keeps the memory of `size` bytes only.
void trim(std::string& out, std::size_t size) {
  out.resize(size);
  out.shrink_to_fit();
}

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() {
    if (deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, kGzipWindowBits, kGzipMemLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();  // the one thing that can go wrong with these parameters
    }
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  void compress(std::string_view body, std::string& out) override {
    deflateReset(&stream_);
    out.resize(deflateBound(&stream_, body.size()));
    // zlib wants its input as Bytef* and does not write to it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream_.avail_in = static_cast<uInt>(body.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END)
      throw std::logic_error("deflateBound is wrong");
    trim(out, stream_.total_out);
  }

  std::string_view encoding() const override { return "gzip"; }

  // The formula of zconf.h, and room for what it calls small objects.
  std::size_t memory() const override {
    constexpr std::size_t kSmallObjects = 16 * 1024;
    return (1U << (15 + 2)) + (1U << (kGzipMemLevel + 9)) + kSmallObjects;
  }

 private:
  z_stream stream_{};
};

class ZstdCompressor final : public Compressor {
 public:
  // A context allocates at its first use, and more for larger bodies: so the largest first.
  ZstdCompressor() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    constexpr std::size_t kWantsAllMemory = 1024 * 1024;
    std::string ignored;
    compress(std::string(kWantsAllMemory, '\0'), ignored);
    memory_ = ZSTD_sizeof_CCtx(context_.get());
  }

  void compress(std::string_view body, std::string& out) override {
    out.resize(ZSTD_compressBound(body.size()));
    const std::size_t size = ZSTD_compressCCtx(context_.get(), out.data(), out.size(), body.data(),
                                               body.size(), kZstdLevel);
    if (ZSTD_isError(size) != 0U) throw std::bad_alloc();  // nothing else fails with such a bound
    trim(out, size);
  }

  std::string_view encoding() const override { return "zstd"; }
  std::size_t memory() const override { return memory_; }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::size_t memory_ = 0;
};

}  // namespace

std::unique_ptr<Compressor> Compressor::create(Compression compression) {
  if (compression == Compression::zstd) return std::make_unique<ZstdCompressor>();
  return std::make_unique<GzipCompressor>();
}

}  // namespace sluice::codec
