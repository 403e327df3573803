#include "deliver/record_results.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/random.h"
#include "unit/deliver/sent_records.h"

namespace sluice::deliver {
namespace {

// 2xx delivered, 413 split, 429 and 5xx retry, all else rejected.
Verdict verdict_of(int status) {
  if (status < 300) return Verdict::delivered;
  if (status == 413) return Verdict::split;
  return status == 429 || status >= 500 ? Verdict::retry : Verdict::rejected;
}

config::Results by_index() {
  config::Results results;
  results.pointer = "/errors";
  results.index = "/index";
  results.status = "/status";
  results.retryable = "/again";
  return results;
}

config::Results by_id() {
  config::Results results;
  results.pointer = "/failed";
  results.id = "/id";
  results.record_id = "/event/id";
  results.status = "/status";
  return results;
}

config::Results by_place() {
  config::Results results;
  results.pointer = "/items";
  results.status = "/status";
  return results;
}

using Failed = std::vector<std::pair<std::size_t, Verdict>>;

Failed failed(const config::Results& results, const std::string& body, const Sent& sent) {
  const auto read = read_results(results, body, sent, verdict_of);
  Failed records;
  EXPECT_TRUE(read) << (read ? "" : read.error().text());
  if (!read) return records;
  for (const RecordResult& result : *read) records.emplace_back(result.record, result.verdict);
  return records;
}

std::string error(const config::Results& results, const std::string& body, const Sent& sent) {
  const auto read = read_results(results, body, sent, verdict_of);
  return read ? "no error" : read.error().cause;
}

TEST(RecordResultsTest, RecordsThatAreNotListedAreDelivered) {
  const SentRecords records(5);
  EXPECT_EQ(failed(by_index(), R"({"errors":[]})", records.all()), Failed{});
  EXPECT_EQ(failed(by_index(), R"({"errors":[{"index":3}]})", records.all()),
            (Failed{{3, Verdict::rejected}}));
}

TEST(RecordResultsTest, TheAnswerItselfMayBeTheList) {
  const SentRecords records(2);
  config::Results results = by_place();
  results.pointer = "";
  EXPECT_EQ(failed(results, R"([{"status":200},{"status":422}])", records.all()),
            (Failed{{1, Verdict::rejected}}));
  EXPECT_EQ(error(results, R"({"status":200})", records.all()),
            "there is no list at the whole answer");
  EXPECT_EQ(error(results, R"([{"status":200}])", records.all()),
            "1 results at the whole answer for 2 records sent");
  results.status = "";
  EXPECT_EQ(failed(results, "[201,503]", records.all()), (Failed{{1, Verdict::retry}}));
}

TEST(RecordResultsTest, AnIndexCountsFromTheFirstRecordOfTheRequestAndMayBeText) {
  const SentRecords records(10);
  EXPECT_EQ(failed(by_index(), R"({"errors":[{"index":"2"},{"index":0}]})", records.part(4, 8)),
            (Failed{{4, Verdict::rejected}, {6, Verdict::rejected}}));
}

TEST(RecordResultsTest, TheStatusOfARecordDecidesAndMayBeText) {
  const SentRecords records(5);
  const auto read = read_results(
      by_index(),
      R"({"errors":[{"index":4,"status":"503"},{"index":0,"status":201},{"index":1,"status":422},)"
      R"({"index":2,"status":413},{"index":3}]})",
      records.all(), verdict_of);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 4U);
  EXPECT_EQ(read->at(0).record, 1U);
  EXPECT_EQ(read->at(0).verdict, Verdict::rejected);
  EXPECT_EQ(read->at(0).status, 422);
  EXPECT_EQ(read->at(0).detail, "status 422 for this record");
  EXPECT_EQ(read->at(1).verdict, Verdict::split);
  EXPECT_EQ(read->at(2).verdict, Verdict::rejected);
  EXPECT_EQ(read->at(2).status, std::nullopt);
  EXPECT_EQ(read->at(2).detail, "the answer says that this record failed");
  EXPECT_EQ(read->at(3).record, 4U);
  EXPECT_EQ(read->at(3).verdict, Verdict::retry);
}

TEST(RecordResultsTest, WhatIsSaidToBeRetryableIsSentAgainAndNothingElse) {
  const SentRecords records(6);
  EXPECT_EQ(
      failed(by_index(),
             R"({"errors":[{"index":0,"again":true},{"index":1,"again":false},)"
             R"({"index":2,"status":400,"again":true},{"index":3,"status":503,"again":false},)"
             R"({"index":4,"status":200,"again":true},)"
             R"({"index":5,"status":413,"again":"no"}]})",
             records.all()),
      (Failed{{0, Verdict::retry},
              {1, Verdict::rejected},
              {2, Verdict::retry},
              {3, Verdict::rejected},
              {5, Verdict::split}}));
}

TEST(RecordResultsTest, AnIdIsFoundInTheRecordsThatWereSent) {
  const SentRecords records({R"({"event":{"id":"a"}})", R"({"event":{"id":7}})",
                             R"({"event":{"id":"c"}})", R"({"event":{}})"});
  EXPECT_EQ(failed(by_id(), R"({"failed":[{"id":"c"},{"id":"7","status":503}]})", records.all()),
            (Failed{{1, Verdict::retry}, {2, Verdict::rejected}}));
  EXPECT_EQ(error(by_id(), R"({"failed":[{"id":"a"}]})", records.part(1, 4)),
            "result 0 names no record that was sent");
}

TEST(RecordResultsTest, AnIdOfTwoRecordsSpeaksOfBoth) {
  const SentRecords records(
      {R"({"event":{"id":"a"}})", R"({"event":{"id":"b"}})", R"({"event":{"id":"a"}})"});
  EXPECT_EQ(failed(by_id(), R"({"failed":[{"id":"a","status":503}]})", records.all()),
            (Failed{{0, Verdict::retry}, {2, Verdict::retry}}));
}

TEST(RecordResultsTest, AsManyItemsAsRecordsOfOneIdSpeakOfThemInTheirOrder) {
  const SentRecords records(
      {R"({"event":{"id":"a"}})", R"({"event":{"id":"b"}})", R"({"event":{"id":"a"}})"});
  EXPECT_EQ(failed(by_id(),
                   R"({"failed":[{"id":"a","status":201},{"id":"b","status":201},)"
                   R"({"id":"a","status":409}]})",
                   records.all()),
            (Failed{{2, Verdict::rejected}}));
}

TEST(RecordResultsTest, ItemsWithoutNamesStandForTheRecordsInTheirOrder) {
  const SentRecords records(5);
  EXPECT_EQ(failed(by_place(), R"({"items":[{"status":200},{"status":400},{"status":503}]})",
                   records.part(1, 4)),
            (Failed{{2, Verdict::rejected}, {3, Verdict::retry}}));
}

TEST(RecordResultsTest, ItemsWithoutNamesHaveToBeAsManyAsTheRecords) {
  const SentRecords records(3);
  EXPECT_EQ(error(by_place(), R"({"items":[{"status":200},{"status":200}]})", records.all()),
            "2 results at /items for 3 records sent");
  EXPECT_EQ(error(by_place(), R"({"items":[]})", records.all()),
            "0 results at /items for 3 records sent");
}

TEST(RecordResultsTest, AnItemWithoutNameAndStatusSaysNothing) {
  const SentRecords records(2);
  EXPECT_EQ(error(by_place(), R"({"items":[{"status":200},{"state":"ok"}]})", records.all()),
            "result 1 has no status");
}

TEST(RecordResultsTest, AStatusThatIsNotOneOfHttpIsNotGuessedAt) {
  const SentRecords records(2);
  for (const char* status : {"0", "99", "600", "-200", "\"ok\"", "\"\"", "200.5", "true",
                             "99999999999999999999", "\"200 \""}) {
    EXPECT_EQ(error(by_index(), std::string(R"({"errors":[{"index":1,"status":)") + status + "}]}",
                    records.all()),
              "result 0 has a status that is not one of HTTP")
        << status;
  }
}

TEST(RecordResultsTest, AnItemThatNamesNoRecordSentSpoilsTheAnswer) {
  const SentRecords records(3);
  for (const char* item : {R"({"index":3})", R"({"index":-1})", R"({"index":1.5})", R"({})", "7",
                           R"({"index":"x"})", R"({"index":null})", R"({"index":""})",
                           R"({"index":18446744073709551616})", R"({"index":[1]})"}) {
    EXPECT_EQ(
        error(by_index(), std::string(R"({"errors":[{"index":0},)") + item + "]}", records.all()),
        "result 1 names no record that was sent")
        << item;
  }
}

TEST(RecordResultsTest, TwoResultsOfARecordHaveToAgree) {
  const SentRecords records(3);
  EXPECT_EQ(failed(by_index(), R"({"errors":[{"index":1,"status":400},{"index":1,"status":422}]})",
                   records.all()),
            (Failed{{1, Verdict::rejected}}));
  EXPECT_EQ(error(by_index(), R"({"errors":[{"index":1,"status":200},{"index":1,"status":422}]})",
                  records.all()),
            "two results of one record contradict each other");
}

TEST(RecordResultsTest, WhatHoldsNoListSpoilsTheAnswer) {
  const SentRecords records(3);
  for (const char* body :
       {"", "{}", R"({"errors":null})", R"({"errors":{}})", R"({"errors":"none"})", "<html></html>",
        R"({"errors":[]}x)", R"({"errors":[)", R"({"errors":[],"errors":[]})", "[]"}) {
    EXPECT_EQ(error(by_index(), body, records.all()), "there is no list at /errors") << body;
  }
}

TEST(RecordResultsTest, TheListMayBeTheWholeAnswer) {
  config::Results results = by_index();
  results.pointer = "";
  EXPECT_EQ(failed(results, R"([{"index":1}])", SentRecords(3).all()),
            (Failed{{1, Verdict::rejected}}));
}

TEST(RecordResultsTest, ARefusalNamesTheFirstRecordThatItSaysIsBad) {
  const SentRecords records(9);
  const auto named = [&](const config::Results& results, const std::string& body) {
    return named_record(results, body, records.part(2, 7), verdict_of);
  };
  EXPECT_EQ(named(by_index(), R"({"errors":[{"index":3},{"index":1}]})"), 3U);
  EXPECT_EQ(named(by_index(), R"({"errors":[{"index":0,"status":200},{"index":4,"status":400}]})"),
            6U);
  EXPECT_EQ(named(by_place(), R"({"items":[{"status":200},{"status":200},{"status":400},)"
                              R"({"status":200},{"status":400}]})"),
            4U);
}

TEST(RecordResultsTest, WhatARefusalSaysUnclearlyIsPassedOver) {
  const SentRecords records(5);
  const auto named = [&](const config::Results& results, const std::string& body) {
    return named_record(results, body, records.all(), verdict_of);
  };
  EXPECT_EQ(named(by_index(), R"({"errors":[{"index":9},{},{"index":2}]})"), 2U);
  EXPECT_EQ(named(by_index(), R"({"errors":[{"index":1,"status":"bad"}]})"), std::nullopt);
  EXPECT_EQ(named(by_index(), R"({"errors":[]})"), std::nullopt);
  EXPECT_EQ(named(by_index(), "bad request"), std::nullopt);
  EXPECT_EQ(named(by_place(), R"({"items":[{"status":400}]})"), std::nullopt);
}

// Whatever an answer holds, a record is reported at most once, in order, and only if it was sent.
TEST(RecordResultsTest, DamagedAnswersNeverNameARecordThatWasNotSent) {
  const SentRecords records(6);
  const Sent sent = records.part(1, 5);
  const std::string whole = R"({"errors":[{"index":0,"status":503},{"index":3,"again":true}]})";
  SeededRandom random(11);
  int read_well = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string body = whole;
    for (int changes = 0; changes < 2; ++changes) {
      constexpr std::string_view kBytes = "0123456789\"{}[],:-.e\\tn\xff ";
      body[random.next_bits() % body.size()] = kBytes[random.next_bits() % kBytes.size()];
    }
    const auto read = read_results(by_index(), body, sent, verdict_of);
    if (!read) continue;
    ++read_well;
    std::size_t next = sent.records.first;
    for (const RecordResult& result : *read) {
      ASSERT_GE(result.record, next) << body;
      ASSERT_LT(result.record, sent.records.last) << body;
      next = result.record + 1;
    }
  }
  EXPECT_GT(read_well, 100);
}

}  // namespace
}  // namespace sluice::deliver
