// What a request is made of: its path, its headers, its bytes.
#include "codec/compressor.h"
#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

// What it was asked to sign, but for the body.
struct Asked {
  std::string url;  // of its parts
  std::string method;
  std::string id;
  WallTime now;
};

// Its signature is the length of what it signs.
class LengthSigner final : public auth::Signer {
 public:
  void sign(const auth::Outgoing& request, auth::Signed& out) const override {
    out.headers.push_back({"X-Signature", std::to_string(request.body.size())});
    out.query = "signed=1";
    asked_.push_back({std::string(request.host).append(request.path).append(request.query),
                      std::string(request.method), std::string(request.id), request.now});
  }

  const std::vector<Asked>& asked() const { return asked_; }

 private:
  mutable std::vector<Asked> asked_;
};

class RequestTest : public DelivererHarness {
 protected:
  RequestTest() {
    auto signer = std::make_unique<LengthSigner>();
    asked_ = &signer->asked();
    sign_with(std::move(signer));
    options_.route = {"/fixed", {"eu"}};
    options_.header_names = {"X-Region"};
  }

  std::unique_ptr<batch::Batch> batch_of(int records) {
    auto made = pool_.take();
    for (int i = 0; i < records; ++i) {
      test::TestRecord record{i, "{\"amount\":12.50,\"currency\":\"EUR\"}", {}, {}, -1};
      made->body().append(*record.value);
      made->keep(record.view(), next_ticket_++);
    }
    return made;
  }

  std::string compressed(codec::Compression method, int records) {
    std::string bytes;
    codec::Compressor::create(method)->compress(
        batch_of(records)->body().frame(0, static_cast<std::size_t>(records)), bytes);
    return bytes;
  }

  const std::string& url() const { return http_.sent.front().second.url; }

  const std::vector<Asked>* asked_ = nullptr;  // of the signer, in order
};

TEST_F(RequestTest, GoesToTheOnePathWhereThereIsOnlyOne) {
  start(1, batch_of(1));
  EXPECT_EQ(url(), "http://api/fixed?signed=1");
  EXPECT_EQ(sent_header("X-Region"), "eu");
  EXPECT_EQ(sent_header("Content-Type"), "application/json");
  EXPECT_EQ(http_.sent.front().second.method, "POST");
}

TEST_F(RequestTest, EachAttemptIsSignedWithItsOwnTime) {
  options_.base_url = "https://api.example.com:8443/v1";
  start(1, batch_of(1));
  const WallTime first = clock_.wall_now();
  const std::string id = sent_id();
  reply(answer(500));
  pass(std::chrono::minutes(1));
  ASSERT_EQ(asked_->size(), 2U);
  for (const Asked& asked : *asked_) {
    EXPECT_EQ(asked.url, "api.example.com:8443/v1/fixed");
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.id, id);
  }
  EXPECT_EQ(asked_->at(0).now, first);
  EXPECT_EQ(asked_->at(1).now, clock_.wall_now());
}

TEST_F(RequestTest, GoesWhereItsRecordsGo) {
  auto batch = batch_of(1);
  batch->route = {"/users/7", {"us"}};
  start(1, std::move(batch));
  EXPECT_EQ(url(), "http://api/users/7?signed=1");
  EXPECT_EQ(sent_header("X-Region"), "us");
}

TEST_F(RequestTest, EachPieceOfARefusedBatchGoesWhereItsRecordsGo) {
  auto batch = batch_of(2);
  batch->route = {"/users/7", {"us"}};
  start(1, std::move(batch));
  reply(answer(400));
  EXPECT_EQ(url(), "http://api/users/7?signed=1");
  EXPECT_EQ(sent_header("X-Region"), "us");
}

TEST_F(RequestTest, AConfiguredContentTypeTakesThePlaceOfOurs) {
  options_.header_names = {"content-type"};
  options_.route.headers = {"application/vnd.api+json"};
  start(1, batch_of(1));
  EXPECT_EQ(sent_header("Content-Type"), "");
  EXPECT_EQ(sent_header("content-type"), "application/vnd.api+json");
}

TEST_F(RequestTest, CompressedBytesAreWhatIsSignedAndSentAgain) {
  options_.compression = codec::Compression::gzip;
  start(1, batch_of(200));
  EXPECT_EQ(sent_header("Content-Encoding"), "gzip");
  EXPECT_EQ(sent_header("X-Signature"), std::to_string(http_.bodies[0].size()));
  EXPECT_EQ(http_.bodies[0], compressed(codec::Compression::gzip, 200));
  reply(answer(500));
  wait();
  ASSERT_EQ(http_.bodies.size(), 2U);
  EXPECT_EQ(http_.bodies[1], http_.bodies[0]);
}

TEST_F(RequestTest, EachPieceOfARefusedBatchIsCompressedForItself) {
  options_.compression = codec::Compression::zstd;
  start(1, batch_of(2));
  reply(answer(400));
  ASSERT_EQ(http_.bodies.size(), 2U);
  EXPECT_EQ(http_.bodies[1], compressed(codec::Compression::zstd, 1));
}

TEST_F(RequestTest, ACutBatchIsCompressedForItself) {
  options_.compression = codec::Compression::zstd;
  start(1, batch_of(2));
  reply(answer(500));
  admission_.next_is_small = true;
  wait();
  EXPECT_EQ(http_.bodies[1], compressed(codec::Compression::zstd, 1));
}

TEST_F(RequestTest, BudgetsCountBytesBeforeCompression) {
  options_.compression = codec::Compression::gzip;
  start(1, batch_of(200));
  EXPECT_GT(admission_.asked.at(0).second.bytes, 5000U);
  EXPECT_LT(http_.bodies[0].size(), 1000U);
}

TEST_F(RequestTest, SmallBodiesGoAsTheyAre) {
  options_.compression = codec::Compression::gzip;
  options_.compress_from = 1000;
  start(1, batch_of(1));
  EXPECT_EQ(sent_header("Content-Encoding"), "");
  EXPECT_EQ(http_.bodies.back(), batch_of(1)->body().frame(0, 1));
}

TEST_F(RequestTest, CompressedBytesCountAsMemoryUntilTheyAreGone) {
  options_.compression = codec::Compression::gzip;
  deliverer();
  auto batch = batch_of(200);
  const std::size_t before = meter_.used();
  start(1, std::move(batch));
  EXPECT_GE(meter_.used(), before + http_.bodies[0].size());
  reply(answer(200));
  EXPECT_EQ(meter_.used(), before) << "the batch is in the pool";
}

}  // namespace
}  // namespace sluice::deliver
