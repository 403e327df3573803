#include "kafka/mock_cluster.h"

#include <gtest/gtest.h>

#include <future>

#include "kafka/confirmed_writer.h"

namespace sluice::kafka {
namespace {

TEST(MockCluster, TakesRecordsForATopicThatWasCreatedOnALoopbackPort) {
  const auto cluster = MockCluster::start();
  ASSERT_TRUE(cluster.has_value()) << cluster.error().text();
  EXPECT_TRUE((*cluster)->broker().starts_with("127.0.0.1:")) << (*cluster)->broker();
  ASSERT_TRUE((*cluster)->create_topic("created", 2).has_value());

  WriterOptions options;
  options.client.brokers = {(*cluster)->broker()};
  const auto writer = ConfirmedWriter::create(options);
  std::promise<WriteResult> promise;
  (*writer)->write({"created", "key", "value", {}},
                   [&](WriteResult result) { promise.set_value(std::move(result)); });
  EXPECT_EQ(promise.get_future().get().status, WriteStatus::confirmed);
}

TEST(MockCluster, ATopicIsCreatedOnceAndTheErrorNamesIt) {
  const auto cluster = MockCluster::start();
  ASSERT_TRUE((*cluster)->create_topic("twice", 1).has_value());
  const auto again = (*cluster)->create_topic("twice", 1);
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().cause.find("topic twice"), std::string::npos) << again.error().cause;
}

}  // namespace
}  // namespace sluice::kafka
