#include "codec/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/version.h"

namespace sluice::codec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Pair;

constexpr WallTime kFailedAt = WallTime(std::chrono::milliseconds(1'790'000'000'123));

DeadLetterOrigin origin() { return {"deposits", "events.deposit", 3, 42, 1'700'000'000'007}; }

std::map<std::string, std::string> headers_of(const DeadLetterOrigin& from,
                                              const DeadLetterCause& cause) {
  std::map<std::string, std::string> headers;
  for (const OwnedHeader& header : envelope(from, cause, kFailedAt)) {
    EXPECT_TRUE(header.name.starts_with(kEnvelopePrefix)) << header.name;
    EXPECT_TRUE(headers.emplace(header.name, header.value.value()).second) << header.name;
  }
  return headers;
}

TEST(EnvelopeTest, TellsWhyFromWhereAndHowOften) {
  const DeadLetterCause cause{DeadLetterReason::rejected,   "refused alone", 400,
                              R"({"error":"Bad Request"})", "b-1",           9};
  EXPECT_THAT(
      headers_of(origin(), cause),
      ElementsAre(
          Pair("sluice.attempts", "9"), Pair("sluice.batch_id", "b-1"),
          Pair("sluice.detail", "refused alone"),
          Pair("sluice.failed_at", "2026-09-21T14:13:20.123Z"),
          Pair("sluice.id", "events.deposit/3/42"), Pair("sluice.offset", "42"),
          Pair("sluice.partition", "3"), Pair("sluice.pipeline", "deposits"),
          Pair("sluice.reason", "rejected"), Pair("sluice.response", R"({"error":"Bad Request"})"),
          Pair("sluice.status", "400"), Pair("sluice.timestamp", "2023-11-14T22:13:20.007Z"),
          Pair("sluice.topic", "events.deposit"), Pair("sluice.version", std::string(kVersion))));
}

TEST(EnvelopeTest, TellsOfTheAttempts) {
  DeadLetterCause cause;
  cause.verdict = Verdict::retry;
  cause.request_id = std::string(300, 'r');
  cause.first_attempt = kFailedAt - std::chrono::minutes(1);
  cause.last_attempt = kFailedAt - std::chrono::milliseconds(123);
  const auto headers = headers_of(origin(), cause);
  EXPECT_EQ(headers.at("sluice.verdict"), "retry");
  EXPECT_EQ(headers.at("sluice.request_id"), std::string(256, 'r'));
  EXPECT_EQ(headers.at("sluice.first_attempt"), "2026-09-21T14:12:20.123Z");
  EXPECT_EQ(headers.at("sluice.last_attempt"), "2026-09-21T14:13:20.000Z");
}

TEST(EnvelopeTest, MasksCredentialsThatAnAnswerEchoes) {
  const auto response = [](const std::string& text) {
    return headers_of(origin(), {DeadLetterReason::rejected, "", 400, text, "", 1})
        .at("sluice.response");
  };
  EXPECT_EQ(response(R"({"authorization":"Bearer abc.DEF-123_45=","a":1})"),
            R"({"authorization":"Bearer ***","a":1})");
  EXPECT_EQ(response("basic dXNlcjpwYXNzd29yZA== and BEARER 0123456789"),
            "basic *** and BEARER ***");
  EXPECT_EQ(response("the bearer token is basic math"), "the bearer token is basic math");
  EXPECT_EQ(response("ends in bearer "), "ends in bearer ");
}

TEST(EnvelopeTest, LeavesOutWhatIsNotKnown) {
  DeadLetterOrigin from = origin();
  from.timestamp_ms = -1;
  const DeadLetterCause cause{DeadLetterReason::not_json, "", std::nullopt, "", "", 0};
  const auto headers = headers_of(from, cause);
  for (const char* name : {"timestamp", "detail", "status", "response", "batch_id", "verdict",
                           "request_id", "first_attempt", "last_attempt"}) {
    EXPECT_FALSE(headers.contains(std::string("sluice.") + name)) << name;
  }
  EXPECT_EQ(headers.at("sluice.attempts"), "0");
}

TEST(EnvelopeTest, LeavesOutATimestampNoCalendarHas) {
  DeadLetterOrigin from = origin();
  const DeadLetterCause cause{};
  from.timestamp_ms = INT64_MAX;
  EXPECT_FALSE(headers_of(from, cause).contains("sluice.timestamp"));
  from.timestamp_ms = 253'402'300'799'999;
  EXPECT_EQ(headers_of(from, cause).at("sluice.timestamp"), "9999-12-31T23:59:59.999Z");
  from.timestamp_ms = 0;
  EXPECT_EQ(headers_of(from, cause).at("sluice.timestamp"), "1970-01-01T00:00:00.000Z");
}

TEST(EnvelopeTest, ATimestampIsReadBackAsItWasWrittenWhateverTheYear) {
  for (const std::int64_t ms :
       {std::int64_t{0}, std::int64_t{1'700'000'000'007}, std::int64_t{9'300'000'000'000},
        std::int64_t{253'402'300'799'999}}) {
    EXPECT_EQ(envelope_timestamp_ms(envelope_timestamp(ms)), ms);
  }
  for (const char* const text :
       {"", "2026-11-25", "2026-11-25T08:00:00Z", "2026-13-25T08:00:00.000Z",
        "2026-11-25T08:00:00.000+", "2026-11-25T08:00:00.00xZ"}) {
    EXPECT_EQ(envelope_timestamp_ms(text), -1) << text;
  }
}

TEST(EnvelopeTest, TurnsControlCharactersIntoBlanks) {
  DeadLetterCause cause{DeadLetterReason::rejected, "a\r\nb\tc\x7F", 400, "", "x\ny", 1};
  cause.response_excerpt = std::string("\0<html>\x1B", 8);
  EXPECT_THAT(headers_of(origin(), cause),
              IsSupersetOf({Pair("sluice.detail", "a  b c "), Pair("sluice.response", " <html> "),
                            Pair("sluice.batch_id", "x y")}));
}

TEST(EnvelopeTest, CutsADetailBetweenTwoCharacters) {
  const auto detail = [](const std::string& text) {
    return headers_of(origin(), {DeadLetterReason::schema, text, {}, "", "", 0})
        .at("sluice.detail");
  };
  EXPECT_EQ(detail(std::string(512, 'x')).size(), 512U);
  EXPECT_EQ(detail(std::string(600, 'x')).size(), 512U);
  EXPECT_EQ(detail(std::string(511, 'x') + "\xC3\xA9"), std::string(511, 'x'));
  EXPECT_EQ(detail(std::string(509, 'x') + "\xF0\x9F\x8E\xB0"), std::string(509, 'x'));
  EXPECT_EQ(detail(std::string(508, 'x') + "\xF0\x9F\x8E\xB0zz"),
            std::string(508, 'x') + "\xF0\x9F\x8E\xB0");
  // What is no UTF-8 has no characters to keep whole.
  EXPECT_GE(detail(std::string(600, '\x80')).size(), 508U);
}

TEST(EnvelopeTest, OfAnEarlierLetterOnlyTheReplaysAreKept) {
  const auto kept = without_envelope({{"trace", "abc"},
                                      {"sluice.reason", "rejected"},
                                      {"sluice.replays", "2"},
                                      {"null", std::nullopt},
                                      {"sluice.replay_of", "events/0/1"},
                                      {"sluicer", "own"}});
  std::vector<std::string> names;
  for (const OwnedHeader& header : kept) names.push_back(header.name);
  EXPECT_THAT(names, ElementsAre("trace", "sluice.replays", "null", "sluice.replay_of", "sluicer"));
}

TEST(EnvelopeTest, MarksAValueThatWasLeftOutByItsSize) {
  const OwnedHeader marker = oversized_marker(3'145'728);
  EXPECT_EQ(marker.name, "sluice.oversized");
  EXPECT_EQ(marker.value, "3145728");
}

}  // namespace
}  // namespace sluice::codec
