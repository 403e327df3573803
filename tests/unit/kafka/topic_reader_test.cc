#include "kafka/topic_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "kafka/confirmed_writer.h"
#include "kafka/mock_cluster.h"

namespace sluice::kafka {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Duration kTurn = std::chrono::milliseconds(100);
constexpr int kMostTurns = 200;

// A broker on which the topics of all tests are. Made once: the first write takes a second.
class Broker {
 public:
  Broker() : cluster_(MockCluster::start()) {
    for (const auto& [topic, partitions] :
         std::map<std::string, int>{{"three", 3}, {"grows", 1}, {"none", 2}, {"placed", 4}}) {
      EXPECT_TRUE((*cluster_)->create_topic(topic, partitions).has_value());
    }
    WriterOptions options;
    options.client.brokers = {(*cluster_)->broker()};
    writer_ = std::move(*ConfirmedWriter::create(options));
    for (int i = 0; i < 12; ++i) write("three", std::to_string(i), i % 3);
    write("grows", "before", 0);
  }

  std::string address() const { return (*cluster_)->broker(); }

  void write(const std::string& topic, const std::string& value, std::int32_t partition) {
    std::promise<WriteResult> result;
    const std::vector<OwnedHeader> headers;
    writer_->write({topic, "key", value, headers, partition},
                   [&result](WriteResult outcome) { result.set_value(std::move(outcome)); });
    EXPECT_EQ(result.get_future().get().status, WriteStatus::confirmed);
  }

 private:
  Result<std::unique_ptr<MockCluster>> cluster_;
  std::unique_ptr<ConfirmedWriter> writer_;
};

class TopicReaderTest : public testing::Test {
 protected:
  static Broker& broker() {
    static Broker shared;
    return shared;
  }
  static ClientOptions client() {
    ClientOptions options;
    options.brokers = {broker().address()};
    // The mock answers a fetch that finds nothing only when this is over.
    options.properties = {{"fetch.wait.max.ms", "10"}};
    return options;
  }
  void open(const std::string& topic) { take(TopicReader::open(client(), {topic})); }
  void open_at(const TopicPartition& partition, std::int64_t offset) {
    take(TopicReader::open_at(client(), {{partition, offset}}));
  }

  // The values of each partition up to the end.
  std::map<std::int32_t, std::vector<std::string>> read_to_end() {
    std::map<std::int32_t, std::vector<std::string>> values;
    for (int turn = 0; turn < kMostTurns && !reader_->at_end(); ++turn) {
      const PolledRecord* polled = reader_->poll(kTurn);
      if (polled != nullptr) {
        values[polled->partition].emplace_back(polled->record.value.value_or("null"));
      }
    }
    EXPECT_TRUE(reader_->at_end());
    return values;
  }

  std::unique_ptr<TopicReader> reader_;

 private:
  void take(Result<std::unique_ptr<TopicReader>> opened) {
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    reader_ = std::move(*opened);
  }
};

TEST_F(TopicReaderTest, ReadsEveryPartitionToItsEndAndSaysSo) {
  open("three");
  EXPECT_FALSE(reader_->at_end());
  EXPECT_EQ(reader_->progress().total, 12);
  const auto values = read_to_end();
  EXPECT_THAT(values.at(0), ElementsAre("0", "3", "6", "9"));
  EXPECT_THAT(values.at(1), ElementsAre("1", "4", "7", "10"));
  EXPECT_THAT(values.at(2), ElementsAre("2", "5", "8", "11"));
  EXPECT_EQ(reader_->progress().read, 12);
}

TEST_F(TopicReaderTest, FollowsWhatIsWrittenAfterTheEnd) {
  open("grows");
  EXPECT_THAT(read_to_end().at(0), ElementsAre("before"));
  broker().write("grows", "after", 0);
  const PolledRecord* polled = nullptr;
  for (int turn = 0; turn < kMostTurns && polled == nullptr; ++turn) polled = reader_->poll(kTurn);
  ASSERT_NE(polled, nullptr);
  EXPECT_EQ(polled->record.value, "after");
}

TEST_F(TopicReaderTest, AnEmptyTopicIsAtItsEnd) {
  open("none");
  EXPECT_TRUE(reader_->at_end());
  EXPECT_EQ(reader_->poll(kTurn), nullptr);
  EXPECT_THAT(reader_->take_errors(), IsEmpty());
}

TEST_F(TopicReaderTest, BeginsWhereItIsTold) {
  open_at({"three", 1}, 2);
  EXPECT_THAT(read_to_end(), ElementsAre(std::pair(1, std::vector<std::string>{"7", "10"})));
}

TEST_F(TopicReaderTest, IsAtTheEndWhereNothingStandsBehindItsBeginning) {
  open_at({"three", 1}, 400);
  EXPECT_TRUE(reader_->at_end());
}

TEST_F(TopicReaderTest, CountsPartitions) {
  EXPECT_EQ(partition_count(client(), "three").value(), 3);
}

TEST_F(TopicReaderTest, AWriterPutsARecordIntoThePartitionItIsTold) {
  broker().write("placed", "there", 2);
  open("placed");
  EXPECT_THAT(read_to_end(), ElementsAre(std::pair(2, std::vector<std::string>{"there"})));
}

}  // namespace
}  // namespace sluice::kafka
