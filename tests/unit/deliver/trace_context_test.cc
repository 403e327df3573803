// Which trace a request is of.
#include "deliver/trace_context.h"

#include <gmock/gmock.h>

#include "unit/deliver/deliverer_harness.h"

namespace sluice::deliver {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kOther = "00000000000000000000000000000001";

std::string parent_of(const std::string& trace) { return "00-" + trace + "-00f067aa0ba902b7-01"; }

TEST(Traceparent, IsOfVersion00InFull) {
  EXPECT_TRUE(is_traceparent(parent_of(kTrace)));
  EXPECT_TRUE(is_traceparent("00-" + kOther + "-0000000000000001-00"));
  EXPECT_TRUE(is_traceparent("00-" + kTrace + "-00f067aa0ba902b7-ff"));
}

TEST(Traceparent, IsNothingElse) {
  const std::string good = parent_of(kTrace);
  const std::string zeros(32, '0');
  for (const std::string& bad : std::vector<std::string>{
           std::string(),
           good.substr(0, 54),
           good + "-",
           good + " ",
           " " + good.substr(1),
           "01" + good.substr(2),
           "ff" + good.substr(2),
           "0" + good.substr(1, 1) + "_" + good.substr(3),
           "00-" + zeros + "-00f067aa0ba902b7-01",
           "00-" + kTrace + "-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-" + kTrace + "-00f067aa0ba902b7-0g",
           "00-" + kTrace + "_00f067aa0ba902b7-01",
           "00-" + kTrace + "-00f067aa0ba902b7_01",
           "00-" + kTrace.substr(1) + "\n-00f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(is_traceparent(bad)) << bad;
  }
}

TEST(Traceparent, IsNotOneWhateverByteIsAnother) {
  const std::string good = parent_of(kTrace);
  const std::string allowed = "0123456789abcdef-";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      if (allowed.find(text[at]) != allowed.npos) continue;
      EXPECT_FALSE(is_traceparent(text)) << at;
    }
  }
}

TEST(Tracestate, IsPrintableAndNotTooLong) {
  EXPECT_TRUE(is_tracestate("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"));
  EXPECT_TRUE(is_tracestate(std::string(512, 'a')));
  for (const std::string& bad :
       {std::string(), std::string(513, 'a'), std::string("a=b\r\nX: y"), std::string("a=\xc3\xa9"),
        std::string("a=b\x7f"), std::string(" a=b"), std::string("a=b "), std::string("a=\tb")}) {
    EXPECT_FALSE(is_tracestate(bad)) << bad;
  }
}

using TestHeaders = std::vector<std::pair<std::string, std::optional<std::string>>>;

class TraceTest : public DelivererHarness {
 protected:
  void start_with(const std::vector<TestHeaders>& headers) {
    auto made = pool_.take();
    for (std::size_t i = 0; i < headers.size(); ++i) {
      const auto offset = static_cast<std::int64_t>(100 + i);
      test::TestRecord record{offset, std::to_string(offset), {}, headers[i], -1};
      made->body().append(*record.value);
      made->keep(record.view(), next_ticket_++);
    }
    start(1, std::move(made));
  }
};

TEST_F(TraceTest, TheFirstRecordWithAValidOneSaysWhichAndNoneSplitsTheBatch) {
  start_with({{},
              {{"traceparent", "00-nonsense"}},
              {{"traceparent", std::nullopt}},
              {{"x", "y"}, {"traceparent", parent_of(kTrace)}, {"tracestate", "a=b"}},
              {{"traceparent", parent_of(kOther)}, {"tracestate", "c=d"}}});
  EXPECT_EQ(http_.bodies.front(), "[100,101,102,103,104]");
  EXPECT_EQ(sent_header("traceparent"), parent_of(kTrace));
  EXPECT_EQ(sent_header("tracestate"), "a=b");
}

TEST_F(TraceTest, WithoutOneThereIsNoHeader) {
  start_with({{{"tracestate", "a=b"}, {"traceparent", "00"}}, {}});
  EXPECT_EQ(sent_header("traceparent"), "");
  EXPECT_EQ(sent_header("tracestate"), "");
}

TEST_F(TraceTest, AStateThatMayNotBeSentIsLeftOutAlone) {
  start_with({{{"traceparent", parent_of(kTrace)}, {"tracestate", "a=b\r\nX-Evil: 1"}}});
  EXPECT_EQ(sent_header("traceparent"), parent_of(kTrace));
  EXPECT_EQ(sent_header("tracestate"), "");
}

TEST_F(TraceTest, TheLastOfARecordCounts) {
  start_with({{{"traceparent", parent_of(kOther)}, {"traceparent", parent_of(kTrace)}}});
  EXPECT_EQ(sent_header("traceparent"), parent_of(kTrace));
}

TEST_F(TraceTest, APieceHasThatOfItsOwnRecords) {
  start_with({{{"traceparent", parent_of(kTrace)}}, {{"traceparent", parent_of(kOther)}}});
  reply(answer(400));
  EXPECT_EQ(sent_header("traceparent"), parent_of(kTrace));
  reply(answer(200));
  EXPECT_EQ(http_.bodies.back(), "[101]");
  EXPECT_EQ(sent_header("traceparent"), parent_of(kOther));
}

TEST_F(TraceTest, ARetryHasItAgainAndTheLogNamesIt) {
  start_with({{}, {{"traceparent", parent_of(kTrace)}}});
  reply(answer(503));
  wait();
  EXPECT_EQ(sent_header("traceparent"), parent_of(kTrace));
  const auto lines = log_.lines(telemetry::Event::request_failed);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().text("trace_id"), kTrace);
}

TEST_F(TraceTest, AConfiguredHeaderTakesThePlaceOfBoth) {
  options_.header_names = {"Traceparent"};
  options_.route.headers = {"mine"};
  start_with({{{"traceparent", parent_of(kTrace)}, {"tracestate", "a=b"}}});
  EXPECT_EQ(sent_header("traceparent"), "");
  EXPECT_EQ(sent_header("tracestate"), "");
  EXPECT_EQ(sent_header("Traceparent"), "mine");
}

TEST_F(TraceTest, AConfiguredStateTakesThePlaceOfTheRecords) {
  options_.header_names = {"tracestate"};
  options_.route.headers = {"mine"};
  start_with({{{"traceparent", parent_of(kTrace)}, {"tracestate", "a=b"}}});
  EXPECT_EQ(sent_header("traceparent"), parent_of(kTrace));
  EXPECT_EQ(sent_header("tracestate"), "mine");
}

}  // namespace
}  // namespace sluice::deliver
