// What a request is made of: its path, its headers, its bytes.
#include <gtest/gtest.h>

#include "codec/compressor.h"
#include "deliver/deliverer.h"
#include "support/fake_clock.h"
#include "support/records.h"
#include "support/test_log.h"

namespace sluice::deliver {
namespace {

using std::chrono::seconds;

class SentRequests final : public http::Sender {
 public:
  http::RequestId send(http::Request request) override {
    bodies.emplace_back(request.body);
    all.push_back(std::move(request));
    return all.size();
  }
  void cancel(http::RequestId) override {}

  std::string header(std::string_view name) const {
    std::string found;
    for (const auto& header : all.back().headers) {
      if (header.name == name) found += (found.empty() ? "" : " and ") + header.value;
    }
    return found;
  }

  std::vector<http::Request> all;
  std::vector<std::string> bodies;
};

class NoSink final : public DeliverySink {
 public:
  void delivered(LaneId, const batch::Batch&, batch::Range) override {}
  void refused(LaneId, const batch::Batch&, std::size_t, codec::DeadLetterCause) override {}
  void finished(LaneId, std::unique_ptr<batch::Batch>) override {}
};

// Its signature is the length of what it signs.
class LengthSigner final : public auth::Signer {
 public:
  void sign(std::string_view body, auth::Signed& out) const override {
    out.headers.push_back({"X-Signature", std::to_string(body.size())});
    out.query = "signed=1";
  }
};

class RequestTest : public testing::Test {
 protected:
  std::unique_ptr<batch::Batch> batch_of(int records) {
    auto made = std::make_unique<batch::Batch>(codec::BodyFormat::json_array, meter_);
    for (int i = 0; i < records; ++i) {
      test::TestRecord record{i, "{\"amount\":12.50,\"currency\":\"EUR\"}", {}, {}, -1};
      made->body().append(*record.value);
      made->keep(record.view(), static_cast<Ticket>(i));
    }
    return made;
  }

  void send(std::unique_ptr<batch::Batch> batch) {
    deliverer_.emplace(options_,
                       DelivererParts{http_, signer_, rules_, target_, path_, clock_, random_,
                                      meter_, metrics_.pipeline("deposits", "api"), log_},
                       sink_);
    deliverer_->start(1, {"events", 0}, std::move(batch));
    deliverer_->advance(clock_.now());
    ASSERT_EQ(http_.all.size(), 1U);
  }

  void answer(int status) {
    deliverer_->on_completion({http_.all.size(), http::Answer{status, {}, ""}, seconds(1)});
    clock_.advance(seconds(1));
    deliverer_->advance(clock_.now());
  }

  test::FakeClock clock_;
  SeededRandom random_{1};
  batch::MemoryMeter meter_;
  telemetry::Metrics metrics_{"test"};
  test::TestLog log_;
  SentRequests http_;
  LengthSigner signer_;
  VerdictRules rules_{{{200, 299}}, std::nullopt};
  Gate::Limits limits_{{}, {seconds(1), seconds(60), 2}};
  Gate target_{Gate::Scope::target, "api", limits_, 1, clock_.now(), log_};
  Gate path_{Gate::Scope::path, "deposits", limits_, 2, clock_.now(), log_};
  NoSink sink_;
  DelivererOptions options_{"deposits",
                            "POST",
                            "http://api",
                            {"/fixed", {"eu"}},
                            {"X-Region"},
                            "application/json",
                            "Idempotency-Key",
                            {std::chrono::milliseconds(200), seconds(30), 2},
                            16,
                            8,
                            std::nullopt};
  std::optional<Deliverer> deliverer_;
};

TEST_F(RequestTest, GoesToTheOnePathWhereThereIsOnlyOne) {
  send(batch_of(1));
  EXPECT_EQ(http_.all.back().url, "http://api/fixed?signed=1");
  EXPECT_EQ(http_.header("X-Region"), "eu");
  EXPECT_EQ(http_.header("Content-Type"), "application/json");
}

TEST_F(RequestTest, GoesWhereItsRecordsGo) {
  auto batch = batch_of(1);
  batch->route = {"/users/7", {"us"}};
  send(std::move(batch));
  EXPECT_EQ(http_.all.back().url, "http://api/users/7?signed=1");
  EXPECT_EQ(http_.header("X-Region"), "us");
}

TEST_F(RequestTest, AConfiguredContentTypeTakesThePlaceOfOurs) {
  options_.header_names = {"content-type"};
  options_.route.headers = {"application/vnd.api+json"};
  send(batch_of(1));
  EXPECT_EQ(http_.header("Content-Type"), "");
  EXPECT_EQ(http_.header("content-type"), "application/vnd.api+json");
}

TEST_F(RequestTest, CompressedBytesAreWhatIsSignedAndSentAgain) {
  options_.compression = codec::Compression::gzip;
  send(batch_of(200));
  EXPECT_EQ(http_.header("Content-Encoding"), "gzip");
  EXPECT_EQ(http_.header("X-Signature"), std::to_string(http_.bodies[0].size()));
  std::string expected;
  codec::Compressor::create(codec::Compression::gzip)
      ->compress(batch_of(200)->body().frame(0, 200), expected);
  EXPECT_EQ(http_.bodies[0], expected);
  answer(500);
  ASSERT_EQ(http_.all.size(), 2U);
  EXPECT_EQ(http_.bodies[1], http_.bodies[0]);
}

TEST_F(RequestTest, EachPieceOfARefusedBatchIsCompressedForItself) {
  options_.compression = codec::Compression::zstd;
  send(batch_of(2));
  answer(400);
  ASSERT_EQ(http_.all.size(), 2U);
  std::string expected;
  codec::Compressor::create(codec::Compression::zstd)
      ->compress(batch_of(2)->body().frame(0, 1), expected);
  EXPECT_EQ(http_.bodies[1], expected);
}

TEST_F(RequestTest, SmallBodiesGoAsTheyAre) {
  options_.compression = codec::Compression::gzip;
  options_.compress_from = 1000;
  send(batch_of(1));
  EXPECT_EQ(http_.header("Content-Encoding"), "");
  EXPECT_EQ(http_.bodies.back(), batch_of(1)->body().frame(0, 1));
}

TEST_F(RequestTest, CompressedBytesCountAsMemoryUntilTheyAreGone) {
  options_.compression = codec::Compression::gzip;
  const std::size_t before = meter_.used();
  send(batch_of(200));
  EXPECT_GE(meter_.used(), before + http_.bodies[0].size());
  answer(200);
  deliverer_.reset();
  EXPECT_EQ(meter_.used(), before);
}

}  // namespace
}  // namespace sluice::deliver
