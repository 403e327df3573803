#include "codec/compressor.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "support/temp_dir.h"

namespace sluice::codec {
namespace {

std::string unzip_gzip(const std::string& packed, std::size_t most) {
  std::string body(most, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(body.data());
  stream.avail_out = static_cast<uInt>(body.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);  // one member and nothing behind it
  body.resize(stream.total_out);
  inflateEnd(&stream);
  return body;
}

std::string unzip_zstd(const std::string& packed, std::size_t most) {
  EXPECT_EQ(ZSTD_findFrameCompressedSize(packed.data(), packed.size()), packed.size());
  std::string body(most, '\0');
  const std::size_t size = ZSTD_decompress(body.data(), most, packed.data(), packed.size());
  EXPECT_FALSE(ZSTD_isError(size)) << ZSTD_getErrorName(size);
  body.resize(ZSTD_isError(size) != 0U ? 0 : size);
  return body;
}

std::string random_bytes(std::size_t size, SeededRandom& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next_bits());
  return bytes;
}

std::string records(std::size_t count, SeededRandom& random) {
  std::string body = "[";
  for (std::size_t i = 0; i < count; ++i) {
    body += R"({"type":"deposit","account":")" + std::to_string(random.next_bits() % 1000) +
            R"(","amount":)" + std::to_string(random.next_bits() % 100'000) + "},";
  }
  body.back() = ']';
  return body;
}

class CompressorTest : public testing::TestWithParam<Compression> {
 protected:
  std::string pack(std::string_view body) {
    std::string packed;
    compressor_->compress(body, packed);
    return packed;
  }
  static std::string unpack(const std::string& packed, std::size_t most) {
    return GetParam() == Compression::gzip ? unzip_gzip(packed, most) : unzip_zstd(packed, most);
  }

  const std::unique_ptr<Compressor> compressor_ = Compressor::create(GetParam());
  SeededRandom random_{20240607};
};

TEST_P(CompressorTest, GivesBackEveryByte) {
  std::vector<std::string> bodies{"", "[", std::string(3'000'000, 'x'), records(5000, random_)};
  for (int i = 0; i < 200; ++i) {
    const std::size_t size = random_.next_bits() % 5000;
    bodies.push_back(i % 2 == 0 ? random_bytes(size, random_) : records(size / 50 + 1, random_));
  }
  bodies.push_back(random_bytes(700'000, random_));
  for (const std::string& body : bodies) {
    ASSERT_TRUE(unpack(pack(body), body.size() + 1) == body) << body.size() << " bytes";
  }
}

TEST_P(CompressorTest, MakesRecordsAThirdOfTheirSizeOrLess) {
  const std::string body = records(500, random_);
  EXPECT_LT(pack(body).size() * 3, body.size());
}

TEST_P(CompressorTest, GivesTheSameBytesForTheSameBytesWhateverCameBetween) {
  const std::string body = records(3000, random_);
  const std::string first = pack(body);
  pack(random_bytes(100'000, random_));
  pack("");
  EXPECT_TRUE(pack(body) == first);
  std::string of_another;
  Compressor::create(GetParam())->compress(body, of_another);
  EXPECT_TRUE(of_another == first);
}

TEST_P(CompressorTest, KeepsNoMoreMemoryThanTheBytesTake) {
  std::string packed(1'000'000, 'x');
  compressor_->compress(records(1000, random_), packed);
  EXPECT_LT(packed.capacity(), 2 * packed.size());
}

TEST_P(CompressorTest, SaysHowMuchMemoryItWorksInOnceAndForAll) {
  const std::size_t before = compressor_->memory();
  EXPECT_GT(before, 256U * 1024);
  EXPECT_LT(before, 2U * 1024 * 1024);
  pack(random_bytes(3'000'000, random_));
  EXPECT_EQ(compressor_->memory(), before);
}

TEST_P(CompressorTest, IsNamedAsHttpNamesIt) {
  EXPECT_EQ(compressor_->encoding(), GetParam() == Compression::gzip ? "gzip" : "zstd");
}

TEST_P(CompressorTest, IsWhatTheCommandLineToolsRead) {
  const test::TempDir dir;
  const std::string file = (dir.path() / "body").string();
  std::ofstream(file, std::ios::binary) << pack(records(1000, random_));
  const std::string tool = GetParam() == Compression::gzip ? "gzip" : "zstd";
  EXPECT_EQ(std::system((tool + " -q -t - < " + file).c_str()), 0);
}

TEST(GzipCompressor, TellsNoTime) {
  std::string packed;
  Compressor::create(Compression::gzip)->compress("[1]", packed);
  ASSERT_GT(packed.size(), 10U);
  EXPECT_EQ(packed.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(packed.substr(4, 4), std::string(4, '\0'));
}

INSTANTIATE_TEST_SUITE_P(Both, CompressorTest,
                         testing::Values(Compression::gzip, Compression::zstd),
                         [](const auto& param) {
                           return param.param == Compression::gzip ? "gzip" : "zstd";
                         });

}  // namespace
}  // namespace sluice::codec
