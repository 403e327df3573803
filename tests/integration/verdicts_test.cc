// What refusals cost: the refused records, few requests, and nothing else. Each test says what is
// delivered, set aside, committed, and how often the API was asked.
#include "integration/verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <ostream>
#include <string>

#include "support/record_ids.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::MatchesRegex;
using testing::SizeIs;

using Ids = std::vector<std::string>;

class Refusals : public VerdictsTest {
 protected:
  // Refuses every request with one of these records in it.
  void poison(const Ids& poisoned, const Reply& reply) {
    api_.answer_with([=](const SeenRequest& request, const Ids& ids) {
      const bool bad =
          std::any_of(ids.begin(), ids.end(), [&](const auto& id) { return holds(poisoned, id); });
      Reply said = bad ? reply : Reply{};
      said.headers.emplace_back("X-Request-Id", "req-" + std::to_string(request.number));
      return said;
    });
  }
};

TEST_F(Refusals, ThreeOfFiveHundredAreFoundInFewRequestsAndTheirLettersTellEverything) {
  log_level_ = "debug";  // every refusal is to be seen
  make_topic("verdicts-poison", 500);
  const std::vector<int> bad{3, 250, 498};
  poison({id(3), id(250), id(498)}, {.status = 400, .body = "no such field"});
  SluiceProcess sluice(config("batch: {max_records: 500, linger: 5s}"));
  ASSERT_TRUE(all_committed()) << sluice.log();

  EXPECT_EQ(accounts(), dead({id(250), id(3), id(498)}));
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_LE(api_.server().request_count(), 3U * (9 + 2) + 1);

  const auto dead = letters();
  ASSERT_THAT(dead, SizeIs(3));
  for (std::size_t i = 0; i < dead.size(); ++i) {
    const auto of = [&](const char* name) { return header_of(dead[i], name); };
    const std::string offset = std::to_string(bad[i]);
    const auto time = MatchesRegex("20..-..-..T..:..:..\\....Z");
    EXPECT_EQ(dead[i].value, record_value(id(bad[i])));
    EXPECT_EQ(dead[i].key, id(bad[i]));
    EXPECT_EQ(of("sluice.id"), topic_ + "/0/" + offset);
    EXPECT_EQ(of("sluice.pipeline"), "p");
    EXPECT_EQ(of("sluice.topic"), topic_);
    EXPECT_EQ(of("sluice.partition"), "0");
    EXPECT_EQ(of("sluice.offset"), offset);
    EXPECT_THAT(of("sluice.timestamp"), time);
    EXPECT_EQ(of("sluice.reason"), "rejected");
    EXPECT_EQ(of("sluice.verdict"), "rejected");
    EXPECT_EQ(of("sluice.status"), "400");
    EXPECT_EQ(of("sluice.detail"), "status 400");
    EXPECT_EQ(of("sluice.response"), "no such field");
    EXPECT_THAT(std::stoi(of("sluice.attempts")), AllOf(Ge(2), Le(3 * 11)));
    EXPECT_THAT(of("sluice.first_attempt"), time);
    EXPECT_THAT(of("sluice.last_attempt"), AllOf(time, Ge(of("sluice.first_attempt"))));
    EXPECT_THAT(of("sluice.failed_at"), AllOf(time, Ge(of("sluice.last_attempt"))));
    EXPECT_NE(of("sluice.version"), "(none)");
    // The API's own name of the request that refused it alone, and ours; the log has both.
    ASSERT_THAT(of("sluice.request_id"), MatchesRegex("req-[0-9]+"));
    const auto number = std::stoul(of("sluice.request_id").substr(4));
    const auto requests = api_.server().requests();
    ASSERT_LT(number, requests.size());
    EXPECT_EQ(requests[number].body, "[" + record_value(id(bad[i])) + "]");
    EXPECT_EQ(of("sluice.batch_id"), *requests[number].header("idempotency-key"));
    EXPECT_THAT(sluice.events("request_failed"),
                Contains(AllOf(HasSubstr('"' + of("sluice.request_id") + '"'),
                               HasSubstr(of("sluice.batch_id")))));
  }
}

TEST_F(Refusals, ABodyThatWasTooLargeTeachesItsSizeToTheBatchesAfterIt) {
  make_topic("verdicts-413", 400, 50);
  std::atomic<int> too_large{0};
  api_.answer_with([&](const SeenRequest& request, const Ids&) {
    if (request.body.size() <= 5'000) return Reply{};
    ++too_large;
    return Reply{.status = 413};
  });
  SluiceProcess sluice(config("batch: {max_records: 100, linger: 5s}"));
  ASSERT_TRUE(all_committed()) << sluice.log();

  EXPECT_EQ(accounts(), Accounts{});
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_EQ(too_large, 1);
  EXPECT_LE(api_.server().request_count(), 1U + 4 * 3);
  EXPECT_EQ(state_of(sluice, "p").dead_lettered, 0);
}

constexpr const char* kNotOk = R"({"status":"0","message":"NOTOK"})";

std::string not_ok_means(const std::string& verdict) {
  return "batch: {max_records: 50}, retry: {initial: 50ms, max: 200ms, attempts: 3}, verdicts: "
         "[{status: 200, body: {pointer: /message, equals: NOTOK}, verdict: " +
         verdict + "}]";
}

TEST_F(Refusals, ASuccessThatSaysNotOkIsARefusalWhereItIsMappedToOne) {
  make_topic("verdicts-notok-rejected", 100);
  poison({id(30), id(71)}, RecordingApi::taking_none(200, kNotOk));
  SluiceProcess sluice(config(not_ok_means("rejected")));
  ASSERT_TRUE(all_committed()) << sluice.log();

  EXPECT_EQ(accounts(), dead({id(30), id(71)}));
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_LE(api_.server().request_count(), 2U * (6 + 2) + 2 + 2);
  for (const StoredRecord& letter : letters()) {
    EXPECT_EQ(header_of(letter, "sluice.reason"), "rejected");
    EXPECT_EQ(header_of(letter, "sluice.status"), "200");
    EXPECT_EQ(header_of(letter, "sluice.detail"), "status 200, which verdicts[0] maps");
    EXPECT_EQ(header_of(letter, "sluice.response"), kNotOk);
  }
}

TEST_F(Refusals, ASuccessThatSaysNotOkIsAnOutageWhereItIsMappedToRetry) {
  make_topic("verdicts-notok-retry", 100);
  api_.answer_with(RecordingApi::always(RecordingApi::taking_none(200, kNotOk)));
  SluiceProcess sluice(config(not_ok_means("retry")));
  expect_parked(sluice, "breaker_open", "status 200, which verdicts[0] maps");
  EXPECT_LE(api_.server().request_count(), 20);
  expect_healed(sluice);
}

// Three ways in which APIs tell what became of single records.
struct Form {
  const char* name;
  const char* results;  // the key
  int status;
  std::string (*item)(std::size_t index, const std::string& id, int status);
  bool says_all;  // of those that it took, too
};
void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

class PartialSuccess : public VerdictsTest, public testing::WithParamInterface<Form> {
 protected:
  // 3 is refused for ever, 7 fails twice, and all others are taken.
  Reply answer(const Ids& ids) {
    Ids good;
    std::string items;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      int status = 201;
      if (ids[i] == id(3)) status = 422;
      if (ids[i] == id(7) && ++asked_for_seven_ <= 2) status = 503;
      if (status == 201) good.push_back(ids[i]);
      if (status == 201 && !GetParam().says_all) continue;
      items += (items.empty() ? "" : ",") + GetParam().item(i, ids[i], status);
    }
    api_.take(good);
    return RecordingApi::taking_none(GetParam().status, R"({"items":[)" + items + "]}");
  }
  std::atomic<int> asked_for_seven_{0};
};

TEST_P(PartialSuccess, SendsTheRetryableAgainAndSetsTheRefusedAside) {
  make_topic(std::string("verdicts-partial-") + GetParam().name, 10);
  api_.answer_with([this](const SeenRequest&, const Ids& ids) { return answer(ids); });
  SluiceProcess sluice(config(std::string("batch: {max_records: 10, linger: 5s}, retry: {initial: "
                                          "50ms}, results: ") +
                              GetParam().results));
  ASSERT_TRUE(all_committed()) << sluice.log();

  EXPECT_EQ(accounts(), dead({id(3)}));
  const auto requests = api_.server().requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_THAT(ids_in(requests[0].body), SizeIs(10));
  EXPECT_THAT(ids_in(requests[1].body), ElementsAre(id(7)));
  EXPECT_THAT(ids_in(requests[2].body), ElementsAre(id(7)));
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(header_of(letters()[0], "sluice.reason"), "rejected");
  EXPECT_EQ(header_of(letters()[0], "sluice.verdict"), "rejected");
  EXPECT_EQ(header_of(letters()[0], "sluice.attempts"), "1");
  EXPECT_TRUE(eventually([&] { return state_of(sluice, "p").delivered == 9; }, seconds(5)));
}

INSTANTIATE_TEST_SUITE_P(
    Of, PartialSuccess,
    testing::Values(Form{"index", "{pointer: /items, index: /index, status: /status}", 200,
                         [](std::size_t index, const std::string&, int status) {
                           return R"({"index":)" + std::to_string(index) + R"(,"status":)" +
                                  std::to_string(status) + "}";
                         },
                         false},
                    Form{"id",
                         "{pointer: /items, id: /event, record_id: /id, retryable: /temporary}",
                         200,
                         [](std::size_t, const std::string& id, int status) {
                           return R"({"event":")" + id + R"(","temporary":)" +
                                  (status == 503 ? "true" : "false") + "}";
                         },
                         false},
                    Form{"multistatus", "{pointer: /items, status: /code}", 207,
                         [](std::size_t, const std::string&, int status) {
                           return R"({"code":)" + std::to_string(status) + "}";
                         },
                         true}),
    [](const auto& form) { return std::string(form.param.name); });

// One tenant whose credentials do not reach, among others.
TEST_F(Refusals, AForbiddenRecordIsSetAsideOnlyOnceAnotherWasTakenAfterItsRefusal) {
  make_topic("verdicts-403", 20, 0, 2);
  poison({id(11)}, {.status = 403, .body = "not your tenant"});
  SluiceProcess sluice(config("batch: {max_records: 20, linger: 1s}"));
  // Those in front of it are delivered. Then nothing tells whether the credential still works.
  ASSERT_TRUE(wait_for_state(sluice, "p", "suspect_record", seconds(30))) << sluice.status();
  EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr("offset 11 of " + topic_ + "/0"));
  EXPECT_EQ(state_of(sluice, "p").committed.at(0), 11);
  EXPECT_EQ(api_.distinct(), 11U);
  EXPECT_THAT(letters(), IsEmpty());

  const std::string neighbour = record_id(topic_, 1, 0);
  produce(broker_.brokers(), topic_, {{.value = record_value(neighbour), .partition = 1}});
  ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
  EXPECT_EQ(accounts(), dead({id(11)}));
  EXPECT_THAT(api_.disorder(), IsEmpty());
  EXPECT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(5)));
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(header_of(letters()[0], "sluice.reason"), "rejected");
  EXPECT_EQ(header_of(letters()[0], "sluice.verdict"), "unauthorized");
  EXPECT_EQ(header_of(letters()[0], "sluice.status"), "403");
  const auto requests = api_.server().requests();
  const auto last = std::stoul(header_of(letters()[0], "sluice.request_id").substr(4));
  ASSERT_LT(last, requests.size());
  EXPECT_THAT(ids_in(requests[last].body), ElementsAre(id(11)));
  const auto proof = std::find_if(requests.begin(), requests.end(), [&](const auto& request) {
    return holds(ids_in(request.body), neighbour);
  });
  ASSERT_NE(proof, requests.end());
  EXPECT_LT(static_cast<std::size_t>(proof->number), last);
  EXPECT_LE(requests.size(), 25U);
}

TEST_F(Refusals, AnApiThatRefusesEverythingGetsOnlyAShareOfTheTopicUntilAnOperatorSaysGoOn) {
  make_topic("verdicts-guard", 300);
  api_.answer_with(RecordingApi::always({.status = 400, .body = "a new schema"}));
  SluiceProcess sluice(config("batch: {max_records: 10}, refusal_guard: {share: 50%, of: 40}"));
  ASSERT_TRUE(wait_for_state(sluice, "p", "refusal_guard", seconds(30)))
      << sluice.status() << sluice.log();

  EXPECT_THAT(state_of(sluice, "p").detail,
              HasSubstr("20 of the last 20 records were refused, the last since status 400; see "
                        "what is wrong with them, then sluice act retry p or restart"));
  EXPECT_THAT(state_of(sluice, "p").release, ElementsAre("sluice act retry p"));
  EXPECT_TRUE(eventually([&] { return letters().size() == 20; }, seconds(10)));
  // Of a batch of ten, two records are searched for; then each goes alone.
  EXPECT_LE(api_.server().request_count(), 2U * (5 + 5 + 8));
  EXPECT_EQ(sluice.events("refusal_guard_closed").size(), 1U);
  EXPECT_THAT(accounts().lost, IsEmpty());

  // Released too early, it closes again after the same share.
  int status = 0;
  sluice.post("/-/pipelines/p/retry", kAdminToken, &status);
  EXPECT_EQ(status, 200);
  ASSERT_TRUE(eventually([&] { return letters().size() == 40; }, seconds(20))) << sluice.log();
  ASSERT_TRUE(wait_for_state(sluice, "p", "refusal_guard", seconds(20))) << sluice.status();
  EXPECT_LE(api_.server().request_count(), 4U * (5 + 5 + 8));

  api_.answer_with(RecordingApi::take_all());
  sluice.post("/-/pipelines/p/retry", kAdminToken, &status);
  EXPECT_EQ(status, 200);
  ASSERT_TRUE(all_committed()) << sluice.status() << sluice.log();
  const Accounts all = accounts();
  EXPECT_THAT(all.lost, IsEmpty());
  EXPECT_THAT(all.invented, IsEmpty());
  EXPECT_THAT(all.repeated, IsEmpty());
  EXPECT_THAT(all.dead, SizeIs(40));
  EXPECT_EQ(api_.distinct(), 260U);
}

}  // namespace
}  // namespace sluice::test
