// The way of a record where nothing goes wrong: every one arrives once, in order, as it was
// written, signed, and is committed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <regex>
#include <set>

#include "integration/flow.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kAuth[] =
    "auth: {type: hkdf_hmac, token: a-token, account_id: acc1, workspace_id: ws2}";

// By OpenSSL's one-shot HMAC alone, so that it shares nothing with what it judges.
std::string hmac(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
       &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 0xFU];
  }
  return text;
}

// RFC 5869: extract, and one block of expand.
std::string signature_of(std::string_view body) {
  const std::string extracted = hmac("a-token", "acc1ws2");
  const std::string key = hmac(extracted, "hmac-signing\x01");
  return hex(hmac(key, body));
}

// Looks at each request of a signed pipeline whose records are record_value(id, padding).
class Inspector {
 public:
  explicit Inspector(std::size_t padding) : padding_(padding) {}

  Reply take(const SeenRequest& request, const std::vector<std::string>& ids) {
    std::string expected = "[";
    for (const std::string& id : ids) expected += record_value(id, padding_) + ",";
    expected.back() = ']';
    const std::string* signature = request.header("x-hmac-signature");
    const std::string* batch_id = request.header("idempotency-key");
    const bool signed_well = signature != nullptr && *signature == signature_of(request.body);
    const std::lock_guard lock(mutex_);
    body_bytes += request.body.size();
    if (request.body != expected) wrong_bodies.push_back(request.body.substr(0, 200));
    if (!signed_well) wrong_signatures.push_back(request.raw_head);
    if (batch_id == nullptr || !batch_ids.insert(*batch_id).second) {
      wrong_batch_ids.push_back(request.raw_head);
    }
    return {};
  }

  // To be read when all is over.
  std::size_t body_bytes = 0;
  std::set<std::string> batch_ids;
  std::vector<std::string> wrong_bodies;
  std::vector<std::string> wrong_signatures;
  std::vector<std::string> wrong_batch_ids;

 private:
  const std::size_t padding_;
  std::mutex mutex_;
};

RecordingApi::Answer inspected_by(Inspector& inspector) {
  return [&inspector](const SeenRequest& request, const std::vector<std::string>& ids) {
    return inspector.take(request, ids);
  };
}

void expect_status_and_metrics_agree(SluiceProcess& sluice, RecordingApi& api,
                                     const Inspector& inspector) {
  ASSERT_TRUE(eventually(
      [&] {
        return sum_of(sluice, "sluice_lag_records", {}) == 0 &&
               state_of(sluice, "calm").delivered == 100'000;
      },
      seconds(10), milliseconds(100)))
      << sluice.status() << sluice.metrics();
  const PipelineState state = state_of(sluice, "calm");
  EXPECT_EQ(state.state, "flowing");
  EXPECT_EQ(state.consumed, 100'000);
  EXPECT_EQ(state.dead_lettered + state.dropped, 0);
  EXPECT_THAT(state.lag, ElementsAre(Pair(0, 0), Pair(1, 0), Pair(2, 0), Pair(3, 0)));
  EXPECT_THAT(state.committed, testing::SizeIs(4));
  for (const auto& [partition, offset] : state.committed) EXPECT_EQ(offset, 25'000);
  const auto requests = static_cast<double>(api.server().request_count());
  const std::vector<std::string> ours{R"(pipeline="calm")", R"(target="api")"};
  EXPECT_EQ(sum_of(sluice, "sluice_records_consumed_total", ours), 100'000);
  EXPECT_EQ(sum_of(sluice, "sluice_records_delivered_total", ours), 100'000);
  EXPECT_EQ(sum_of(sluice, "sluice_requests_total", ours), requests);
  EXPECT_EQ(sum_of(sluice, "sluice_requests_total", {R"(verdict="delivered")", R"(status="2xx")"}),
            requests);
  EXPECT_EQ(sum_of(sluice, "sluice_batches_closed_total", ours), requests);
  EXPECT_EQ(sum_of(sluice, "sluice_request_body_bytes_total", ours),
            static_cast<double>(inspector.body_bytes));
  EXPECT_EQ(sum_of(sluice, "sluice_request_seconds_count", ours), requests);
  EXPECT_GE(sum_of(sluice, "sluice_commits_total", ours), 1);
  EXPECT_EQ(sum_of(sluice, "sluice_commit_failures_total", ours), 0);
  EXPECT_EQ(sum_of(sluice, "sluice_dead_letters_total", ours), 0);
}

TEST(Delivery, AHundredThousandRecordsArriveOnceInOrderAndAreCommitted) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("calm", 4);
  produce_numbered(broker, "calm", 4, 25'000, 0, 60);
  Inspector inspector(60);
  RecordingApi api(inspected_by(inspector));
  api.work_for(milliseconds(2));

  SluiceProcess sluice(
      FlowConfig(broker).target("api", api.url(), kAuth).pipeline("calm", "calm").yaml());
  ASSERT_TRUE(api.wait_for_distinct(100'000, seconds(60))) << api.distinct() << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker, "calm", seconds(10))) << sluice.log();

  EXPECT_EQ(reconcile(broker, "calm", {&api}), Accounts{});
  EXPECT_THAT(api.disorder(), IsEmpty());
  EXPECT_THAT(api.overlaps(), IsEmpty());
  EXPECT_THAT(inspector.wrong_bodies, IsEmpty());
  EXPECT_THAT(inspector.wrong_signatures, IsEmpty());
  EXPECT_THAT(inspector.wrong_batch_ids, IsEmpty());
  expect_status_and_metrics_agree(sluice, api, inspector);
}

// Two members of one group in one process: joining one after the other repeats nothing either.
TEST(Delivery, TwoWorkersShareThePartitionsOfAPipeline) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("shared", 4);
  produce_numbered(broker, "shared", 4, 2'000);
  Inspector inspector(0);
  RecordingApi api(inspected_by(inspector));
  api.work_for(milliseconds(5));

  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url(), kAuth)
                           .pipeline("shared", "shared", "workers: 2, batch: {max_records: 50}")
                           .yaml());
  ASSERT_TRUE(wait_for_members(broker.brokers(), group_of("shared"), 2, seconds(30)))
      << sluice.log();
  produce_numbered(broker, "shared", 4, 2'000, 2'000);

  ASSERT_TRUE(api.wait_for_distinct(16'000, seconds(30))) << api.distinct() << sluice.log();
  ASSERT_TRUE(wait_for_commits(broker, "shared", seconds(10))) << sluice.log();
  EXPECT_EQ(reconcile(broker, "shared", {&api}), Accounts{});
  EXPECT_THAT(api.disorder(), IsEmpty());
  EXPECT_THAT(api.overlaps(), IsEmpty());
  EXPECT_THAT(inspector.wrong_bodies, IsEmpty());
  EXPECT_THAT(inspector.wrong_batch_ids, IsEmpty());
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "shared").lag.size() == 4; }, seconds(5)))
      << sluice.status();
}

// Bodies and content types, of records with every kind of white space in them.
class Bodies : public testing::Test {
 protected:
  // What arrived for `values` in one partition; only complete when it is all.
  std::vector<SeenRequest> send(const std::string& format, const std::vector<NewRecord>& values) {
    broker_.create_topic(format, 1);
    produce(broker_.brokers(), format, values);
    RecordingApi api(RecordingApi::take_all(), {.remember = true});
    SluiceProcess sluice(FlowConfig(broker_)
                             .target("api", api.url())
                             .pipeline(format, format, "body: " + format)
                             .yaml());
    EXPECT_TRUE(wait_for_commits(broker_, format, seconds(30))) << sluice.log();
    return api.server().requests();
  }

  KafkaBroker& broker_ = KafkaBroker::shared();
  const std::vector<NewRecord> values_{{.value = "{\"id\":\"w-0-0\",\r\n\t\"a\": [1,\n2]}\n"},
                                       {.value = R"({"id":"w-0-1","b":"line\nbreak"})"},
                                       {.value = "[\n]"}};
};

TEST_F(Bodies, JsonArrayHoldsTheRecordsAsTheyWereWritten) {
  const auto requests = send("json_array", values_);
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].body,
            "[" + *values_[0].value + "," + *values_[1].value + "," + *values_[2].value + "]");
  EXPECT_EQ(*requests[0].header("content-type"), "application/json");
}

TEST_F(Bodies, NdjsonHasOneLineForEachRecord) {
  const auto requests = send("ndjson", values_);
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].body,
            "{\"id\":\"w-0-0\",\t\"a\": [1,2]}\n{\"id\":\"w-0-1\",\"b\":\"line\\nbreak\"}\n[]\n");
  EXPECT_EQ(*requests[0].header("content-type"), "application/x-ndjson");
}

TEST_F(Bodies, JsonIsOneRecordARequestInOrder) {
  const auto requests = send("json", values_);
  ASSERT_THAT(requests, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(requests[i].body, values_[i].value);
    EXPECT_EQ(*requests[i].header("content-type"), "application/json");
  }
}

TEST(Delivery, TheHeadOfARequestIsThatOfTheGoldenFile) {
  KafkaBroker& broker = KafkaBroker::shared();
  broker.create_topic("golden", 1);
  RecordingApi api(RecordingApi::take_all(), {.remember = true});
  SluiceProcess sluice(FlowConfig(broker)
                           .target("api", api.url() + "/apigw/ingest", kAuth)
                           .pipeline("golden", "golden")
                           .yaml());
  produce(broker.brokers(), "golden", {{.value = record_value("golden-0-0")}});
  ASSERT_TRUE(api.wait_for_id("golden-0-0", seconds(30))) << sluice.log();

  const SeenRequest request = api.server().requests().at(0);
  EXPECT_EQ(request.body, R"([{"id":"golden-0-0"}])");
  EXPECT_EQ(*request.header("x-hmac-signature"), signature_of(request.body));
  std::string head =
      std::regex_replace(request.raw_head, std::regex(R"(127\.0\.0\.1:\d+)"), "127.0.0.1:PORT");
  head = std::regex_replace(head, std::regex("sluice/[0-9.]+"), "sluice/VERSION");
  head = std::regex_replace(head, std::regex("Idempotency-Key: [0-9a-f]{32,}"),
                            "Idempotency-Key: BATCH-ID");
  const std::string file = SLUICE_SOURCE_DIR "/tests/golden/request_head.txt";
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << head;
  EXPECT_EQ(head, read_file(file)) << "APIs are built on this; if it is meant, run with "
                                      "SLUICE_UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace sluice::test
