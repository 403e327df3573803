// Whatever is wrong with the target: the pipeline parks with the reason, asks seldom, sets nothing
// aside, loses nothing, and flows again by its own probes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Each;
using testing::IsEmpty;
using testing::Le;

constexpr std::int64_t kEach = 300;  // records in each of two partitions

struct Trouble {
  const char* name;
  Reply reply;
  const char* reason;  // in /status and metrics
};
void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }

class Outage : public testing::TestWithParam<Trouble> {
 protected:
  Outage() : topic_(std::string("outage-") + GetParam().name) {
    broker_.create_topic(topic_, 2);
    broker_.create_topic(dlq(), 1);
    produce_numbered(broker_, topic_, 2, kEach);
  }
  std::string dlq() const { return topic_ + ".dlq"; }
  std::string config() {
    return FlowConfig(broker_)
        .target("api", api_.url(), "timeout: 1s, circuit_breaker: {open_for: 1s, max_open_for: 2s}")
        .pipeline("p", topic_, "batch: {max_records: 50}, retry: {initial: 50ms, max: 200ms}",
                  dlq())
        .yaml();
  }
  double stalled_seconds(SluiceProcess& sluice) {
    return sum_of(sluice, "sluice_stalled_seconds_total",
                  {R"(reason=")" + std::string(GetParam().reason) + '"'});
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  std::string topic_;
  RecordingApi api_;
};

TEST_P(Outage, ParksAsksSeldomAndFlowsAgainByItself) {
  api_.answer_with(RecordingApi::always(GetParam().reply));
  SluiceProcess sluice(config());
  ASSERT_TRUE(api_.server().wait_for_requests(1, seconds(30))) << sluice.log();
  const auto began = steady_clock::now();
  ASSERT_TRUE(wait_for_state(sluice, "p", GetParam().reason, seconds(20))) << sluice.status();
  ASSERT_TRUE(eventually([&] { return stalled_seconds(sluice) > 3; }, seconds(15))) << sluice.log();

  // Five failures open the breaker; then it lets three probes through each time, a second or more
  // apart.
  const auto requests = api_.server().request_count();
  const auto passed = std::chrono::ceil<seconds>(steady_clock::now() - began).count();
  EXPECT_LE(requests, static_cast<std::size_t>(6 + 3 * (passed + 1)));
  EXPECT_GE(requests, 2U) << "it does not probe";
  EXPECT_THAT(committed_offsets(broker_.brokers(), group_of(topic_), topic_), Each(Le(0)));
  EXPECT_EQ(state_of(sluice, "p").dead_lettered, 0);

  api_.answer_with(RecordingApi::take_all());
  ASSERT_TRUE(api_.wait_for_distinct(2 * kEach, seconds(15))) << sluice.log();
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(5))) << sluice.status();
  produce_numbered(broker_, topic_, 2, 1, kEach);
  ASSERT_TRUE(wait_for_commits(broker_, topic_, seconds(10))) << sluice.log();
  EXPECT_EQ(reconcile(broker_, topic_, {&api_}, dlq()), Accounts{});
  EXPECT_THAT(api_.disorder(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Of, Outage,
    testing::Values(Trouble{"credentials", {.status = 401}, "unauthorized"},
                    Trouble{"permission", {.status = 403}, "unauthorized"},
                    Trouble{"path", {.status = 404}, "misconfigured"},
                    Trouble{"redirect",
                            {.status = 307, .headers = {{"Location", "http://127.0.0.1:1/"}}},
                            "misconfigured"},
                    Trouble{"unavailable", {.status = 503}, "breaker_open"},
                    Trouble{"hang", {.fault = Fault::hang}, "breaker_open"},
                    Trouble{"reset", {.fault = Fault::reset_after_request}, "breaker_open"},
                    Trouble{"garbage", {.fault = Fault::garbage}, "breaker_open"}),
    [](const auto& trouble) { return std::string(trouble.param.name); });

}  // namespace
}  // namespace sluice::test
