#include "kafka/confirmed_writer.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <future>

#include "support/eventually.h"

namespace sluice::kafka {
namespace {

// librdkafka's own broker of one node, in this process.
class MockCluster {
 public:
  MockCluster() {
    std::array<char, 512> why{};
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why.data(), why.size());
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, "events.dlq", 1, 1);  // newer ones do not by themselves
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void fail_next_produce(rd_kafka_resp_err_t error) {
    constexpr std::int16_t kProduce = 0;
    rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, error);
  }
  void down() { rd_kafka_mock_broker_set_down(cluster_, 1); }

 private:
  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

class ConfirmedWriterTest : public testing::Test {
 protected:
  static constexpr std::size_t kMaxBytes = 200'000;

  void make(const MockCluster& cluster = shared_cluster()) {
    WriterOptions options;
    options.client.brokers = {cluster.brokers()};
    options.max_record_bytes = kMaxBytes;
    auto made = ConfirmedWriter::create(options);
    ASSERT_TRUE(made.has_value()) << made.error().text();
    writer_ = std::move(*made);
  }

  std::future<WriteResult> write(std::string_view value) {
    auto promise = std::make_shared<std::promise<WriteResult>>();
    auto future = promise->get_future();
    const std::vector<OwnedHeader> headers = {{"reason", "rejected"}, {"null", std::nullopt}};
    writer_->write({"events.dlq", "key", value, headers},
                   [promise](WriteResult result) { promise->set_value(std::move(result)); });
    return future;
  }

  // Shared, since librdkafka takes a second to end one.
  static MockCluster& shared_cluster() {
    static MockCluster cluster;
    return cluster;
  }

  MockCluster& cluster_ = shared_cluster();
  std::unique_ptr<ConfirmedWriter> writer_;
};

TEST_F(ConfirmedWriterTest, ConfirmsWhatTheBrokerHas) {
  make();
  const auto result = write("value").get();
  EXPECT_EQ(result.status, WriteStatus::confirmed);
  EXPECT_EQ(result.detail, "");
}

TEST_F(ConfirmedWriterTest, ARecordThatNoBrokerTakesIsTooLarge) {
  make();
  EXPECT_EQ(write(std::string(kMaxBytes * 2, 'x')).get().status, WriteStatus::too_large);
}

TEST_F(ConfirmedWriterTest, SoIsOneThatThisBrokerRefuses) {
  make();
  cluster_.fail_next_produce(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(write("value").get().status, WriteStatus::too_large);
}

TEST_F(ConfirmedWriterTest, AFatalErrorFailsTheRecordAndANewProducerTakesTheNext) {
  make();
  ASSERT_EQ(write("first").get().status, WriteStatus::confirmed);
  // Records are gone that the producer has numbered: librdkafka calls that fatal.
  cluster_.fail_next_produce(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  EXPECT_EQ(write("second").get().status, WriteStatus::failed);
  // Whoever is told "failed" writes again, maybe before the new producer is there.
  EXPECT_TRUE(test::eventually(
      [&] { return write("second, again").get().status == WriteStatus::confirmed; },
      std::chrono::seconds(10)));
}

TEST_F(ConfirmedWriterTest, ItsEndFailsWhatIsOutstanding) {
  MockCluster own;
  make(own);
  ASSERT_EQ(write("first").get().status, WriteStatus::confirmed);
  own.down();
  auto outstanding = write("second");
  writer_.reset();
  EXPECT_EQ(outstanding.get().status, WriteStatus::failed);
}

TEST_F(ConfirmedWriterTest, NamesAPropertyThatLibrdkafkaDoesNotTake) {
  WriterOptions options;
  options.client.brokers = {cluster_.brokers()};
  options.client.properties = {{"no.such.property", "1"}};
  const auto made = ConfirmedWriter::create(options);
  ASSERT_FALSE(made.has_value());
  EXPECT_NE(made.error().cause.find("kafka.properties.no.such.property"), std::string::npos);
}

TEST_F(ConfirmedWriterTest, NeverQuotesASecretThatLibrdkafkaDoesNotTake) {
  WriterOptions options;
  options.client.brokers = {cluster_.brokers()};
  options.client.properties = {{"ssl.no.such.password", "hunter2"}};
  const auto made = ConfirmedWriter::create(options);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().text().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace sluice::kafka
