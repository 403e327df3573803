// What the tests of the Deliverer have in common: everything around it, as the test says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_clock.h"
#include "support/records.h"
#include "support/test_log.h"
#include "unit/deliver/deliverer_fakes.h"

namespace sluice::deliver {

class DelivererHarness : public testing::Test {
 protected:
  using Result = tl::expected<http::Answer, http::TransportError>;

  DelivererHarness() { sign_with(config::Auths{}); }
  void TearDown() override {
    deliverer_.reset();
    EXPECT_TRUE(admission_.out.empty()) << "a pass never came back";
  }

  void sign_with(const config::Auths& auths) { sign_with(*auth::make_signer(auths)); }
  void sign_with(LiveCredential::SharedSigner signer, Duration overlap = {}) {
    credential_.emplace(LiveCredential::Name{"api", {}}, std::move(signer), overlap, clock_,
                        metrics_.credential("api", ""), log_);
    credentials_.emplace(*credential_);
  }
  // With options_ and rules_ as they are by then.
  Deliverer& deliverer() {
    if (!deliverer_) {
      deliverer_.emplace(
          options_,
          DelivererParts{http_, *credentials_, rules_, admission_, clock_, random_, meter_, pool_,
                         metrics_.pipeline("deposits", "api"), failures_, log_},
          sink_);
    }
    return *deliverer_;
  }

  // Records that are their own offsets: [100,101,...].
  std::unique_ptr<batch::Batch> make_batch(std::int64_t first, int records,
                                           const std::vector<std::int64_t>& timestamps = {}) {
    auto batch = pool_.take();
    for (int i = 0; i < records; ++i) {
      const auto at = static_cast<std::size_t>(i);
      test::TestRecord record{first + i,
                              std::to_string(first + i),
                              {},
                              {},
                              at < timestamps.size() ? timestamps[at] : -1};
      batch->body().append(*record.value);
      batch->keep(record.view(), next_ticket_++);
    }
    return batch;
  }
  void start(LaneId lane, std::int64_t first, int records) {
    start(lane, make_batch(first, records));
  }
  void start(LaneId lane, std::unique_ptr<batch::Batch> batch) {
    deliverer().start(lane, {"topic", static_cast<std::int32_t>(lane)}, std::move(batch));
    deliverer().advance(clock_.now());
  }

  static http::Answer answer(int status, std::string body = {},
                             std::vector<http::Header> headers = {}) {
    return {status, std::move(headers), std::move(body)};
  }
  // Answers tell of single records: {"results": [{"index": 1, "status": 503}]}.
  void judge_by_index() {
    config::Results results;
    results.pointer = "/results";
    results.index = "/index";
    results.status = "/status";
    VerdictRules::Options options;
    options.results = results;
    rules_ = VerdictRules(options);
  }
  static Result no_answer() {
    return tl::unexpected(http::TransportError{http::TransportErrorKind::timeout, "after 30 s"});
  }

  // Answers the oldest request, a millisecond later, then lets the deliverer go on.
  void reply(Result result) {
    ASSERT_FALSE(http_.sent.empty()) << "nothing was sent";
    const auto id = http_.sent.front().first;
    http_.sent.pop_front();
    clock_.advance(std::chrono::milliseconds(1));
    deliverer().on_completion({id, std::move(result), std::chrono::milliseconds(1)});
    deliverer().advance(clock_.now());
  }
  void pass(Duration time) {
    clock_.advance(time);
    deliverer().advance(clock_.now());
  }
  // Until the deliverer wants to go on by itself.
  void wait() {
    ASSERT_TRUE(deliverer().deadline().has_value());
    pass(std::max(*deliverer().deadline() - clock_.now(), Duration{}));
  }
  // A request of the target that is sent now is delivered.
  void deliver_neighbour() {
    clock_.advance(std::chrono::milliseconds(1));
    admission_.delivered_at = clock_.now();
    clock_.advance(std::chrono::milliseconds(1));
  }

  // Answers everything, waiting as long as it takes, until nothing is left or `turns` are over.
  void run(const std::function<Result(const std::string& body)>& api, int turns = 10'000) {
    for (int i = 0; i < turns; ++i) {
      if (!http_.sent.empty()) {
        reply(api(std::string(http_.sent.front().second.body)));
      } else if (deliverer().deadline()) {
        wait();
      } else {
        return;
      }
    }
  }
  // An API that answers so to every body with one of these records, and takes the others.
  static std::function<Result(const std::string&)> failing_for(std::set<std::int64_t> records,
                                                               int status) {
    return [=](const std::string& body) -> Result {
      const bool bad = std::any_of(records.begin(), records.end(), [&](std::int64_t record) {
        return body.find(std::to_string(record)) != std::string::npos;
      });
      return answer(bad ? status : 200);
    };
  }

  // Of the oldest request under way; empty where it has no such header.
  std::string sent_header(std::string_view name) const {
    for (const auto& header : http_.sent.front().second.headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }
  std::string sent_id() const { return sent_header("Idempotency-Key"); }
  static std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> made;
    for (std::int64_t i = first; i <= last; ++i) made.push_back(i);
    return made;
  }

  test::FakeClock clock_;
  SeededRandom random_{1};
  batch::MemoryMeter meter_;
  batch::BatchPool pool_{codec::BodyFormat::json_array, meter_, 1 << 20};
  telemetry::Metrics metrics_{"test"};
  telemetry::Failures failures_;
  test::TestLog log_;
  FakeHttp http_;
  std::optional<LiveCredential> credential_;
  std::optional<Credentials> credentials_;
  VerdictRules rules_{VerdictRules::Options{}};
  FakeAdmission admission_;
  RecordingSink sink_{pool_};
  DelivererOptions options_ = default_options();
  Ticket next_ticket_ = 0;
  std::optional<Deliverer> deliverer_;

 private:
  static DelivererOptions default_options() {
    DelivererOptions made;
    made.pipeline = "deposits";
    made.method = "POST";
    made.base_url = "http://api";
    made.route.path = "/path";
    made.content_type = "application/json";
    made.batch_id_header = "Idempotency-Key";
    made.waits.retry = {std::chrono::milliseconds(200), std::chrono::seconds(30), 2};
    made.waits.parked = {std::chrono::seconds(60), std::chrono::minutes(10), 2};
    made.response_excerpt = 16;
    return made;
  }
};

}  // namespace sluice::deliver
