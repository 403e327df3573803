#include "kafka/topic_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "kafka/confirmed_writer.h"
#include "kafka/mock_cluster.h"

namespace sluice::kafka {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration kPatience = std::chrono::seconds(10);

struct Written {
  const char* topic;
  std::string key;
  std::string value;
  std::vector<OwnedHeader> headers = {};
};

// A broker on which the topics of all tests are, with what these find there. Made once: the first
// write to a topic takes librdkafka a second, so all of them go out together.
class Broker {
 public:
  Broker() : cluster_(MockCluster::start()) {
    for (const auto& [topic, partitions] : std::map<std::string, int>{
             {"grows", 1}, {"whole", 1}, {"one", 3}, {"two", 1}, {"none", 1}}) {
      EXPECT_TRUE((*cluster_)->create_topic(topic, partitions).has_value());
    }
    WriterOptions options;
    options.client.brokers = {(*cluster_)->broker()};
    writer_ = std::move(*ConfirmedWriter::create(options));
    std::vector<Written> records = {
        {"grows", "k", "before"},
        {"whole", "the key", "the value", {{"name", "text"}, {"null", std::nullopt}}}};
    for (int i = 0; i < 30; ++i) {
      records.push_back({"one", "key " + std::to_string(i), "one"});
      records.push_back({"two", "key", "two"});
    }
    write(records);
  }

  std::string address() const { return (*cluster_)->broker(); }

  void write(const std::vector<Written>& records) {
    std::vector<std::promise<WriteResult>> results(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto& [topic, key, value, headers] = records[i];
      writer_->write({topic, key, value, headers}, [&result = results[i]](WriteResult outcome) {
        result.set_value(std::move(outcome));
      });
    }
    for (auto& result : results) {
      EXPECT_EQ(result.get_future().get().status, WriteStatus::confirmed);
    }
  }

 private:
  Result<std::unique_ptr<MockCluster>> cluster_;
  std::unique_ptr<ConfirmedWriter> writer_;
};

class TopicTailTest : public testing::Test {
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

  void open(const std::vector<std::string>& topics) {
    auto opened = TopicTail::open(client(), topics);
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    tail_ = std::move(*opened);
  }

  std::string next_value() {
    const PolledRecord* polled = tail_->poll(kPatience);
    return polled != nullptr ? std::string(polled->record.value.value_or("null")) : "none came";
  }

  std::unique_ptr<TopicTail> tail_;
};

TEST_F(TopicTailTest, ReadsWhatWasThereBeforeItAndWhatComesAfter) {
  open({"grows"});
  EXPECT_EQ(next_value(), "before");
  broker().write({{"grows", "k", "after"}});
  EXPECT_EQ(next_value(), "after");
}

TEST_F(TopicTailTest, HandsOverKeyHeadersAndPlace) {
  open({"whole"});
  const PolledRecord* polled = tail_->poll(kPatience);
  ASSERT_NE(polled, nullptr);
  EXPECT_EQ(polled->topic, "whole");
  EXPECT_EQ(polled->partition, 0);
  EXPECT_EQ(polled->record.offset, 0);
  EXPECT_EQ(polled->record.key, "the key");
  EXPECT_EQ(polled->record.value, "the value");
  ASSERT_EQ(polled->record.headers.size(), 2U);
  EXPECT_EQ(polled->record.headers[0].name, "name");
  EXPECT_EQ(polled->record.headers[0].value, "text");
  EXPECT_EQ(polled->record.headers[1].value, std::nullopt);
}

TEST_F(TopicTailTest, ReadsEveryPartitionOfEveryTopic) {
  open({"one", "two"});
  std::map<std::string, int> read;
  for (int i = 0; i < 60; ++i) ++read[next_value()];
  EXPECT_THAT(read, ElementsAre(std::pair("one", 30), std::pair("two", 30)));
}

TEST_F(TopicTailTest, ASecondOneBeginsAtTheBeginningAgain) {
  open({"grows"});
  EXPECT_EQ(next_value(), "before");
  open({"grows"});
  EXPECT_EQ(next_value(), "before");
}

TEST_F(TopicTailTest, AnEmptyTopicGivesNothing) {
  open({"none"});
  EXPECT_EQ(tail_->poll(std::chrono::milliseconds(50)), nullptr);
  EXPECT_THAT(tail_->take_errors(), IsEmpty());
}

TEST_F(TopicTailTest, NamesAPropertyThatLibrdkafkaDoesNotTake) {
  auto options = client();
  options.properties["no.such.property"] = "1";
  const auto opened = TopicTail::open(options, {"none"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().cause.find("kafka.properties.no.such.property"), std::string::npos);
}

}  // namespace
}  // namespace sluice::kafka
