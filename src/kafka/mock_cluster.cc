#include "kafka/mock_cluster.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <utility>

#include "kafka/client_conf.h"
#include "kafka/handles.h"

namespace sluice::kafka {
namespace {

using ClusterHandle =
    std::unique_ptr<rd_kafka_mock_cluster_t, Destroy<rd_kafka_mock_cluster_destroy>>;

// The cluster's thread misses what it is told while it still wakes up for what it was told before,
// and then sleeps a second: it is given the time to fall asleep.
constexpr int kPauseMs = 10;

constexpr const char* kRemedy = "see whether processes on this machine may listen on 127.0.0.1";

}  // namespace

struct MockCluster::Impl {
  // Declared in the order of need: the cluster runs on its owner's threads.
  ClientHandle owner;
  ClusterHandle cluster;
};

MockCluster::MockCluster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MockCluster::~MockCluster() = default;

Result<std::unique_ptr<MockCluster>> MockCluster::start() {
  auto impl = std::make_unique<Impl>();
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);  // it would write to standard error
  std::array<char, 512> why{};
  impl->owner.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size()));
  if (!impl->owner) return fail(std::string("cannot start librdkafka: ") + why.data());
  (void)conf.release();  // rd_kafka_new took it
  impl->cluster.reset(rd_kafka_mock_cluster_new(impl->owner.get(), 1));
  if (!impl->cluster) return fail("cannot start librdkafka's mock broker", kRemedy);
#if RD_KAFKA_VERSION >= 0x020800ff
  // Nobody else will join: the first member need not wait three seconds for others. Older versions
  // always do.
  rd_kafka_mock_group_initial_rebalance_delay_ms(impl->cluster.get(), 0);
#endif
  return std::unique_ptr<MockCluster>(new MockCluster(std::move(impl)));
}

Result<void> MockCluster::create_topic(const std::string& name, int partitions) {
  const auto error = rd_kafka_mock_topic_create(impl_->cluster.get(), name.c_str(), partitions, 1);
  rd_kafka_poll(impl_->owner.get(), kPauseMs);  // nothing comes: it only waits
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail("cannot create topic " + name + " on the mock broker: " + error_text(error));
}

std::string MockCluster::broker() const {
  return rd_kafka_mock_cluster_bootstraps(impl_->cluster.get());
}

}  // namespace sluice::kafka
