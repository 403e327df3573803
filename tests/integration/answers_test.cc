// Answers of too many requests in every form: nothing is set aside for them, and nothing is
// committed that was not taken. And what is kept of an answer that is too long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <functional>
#include <ostream>
#include <string>

#include "integration/verdicts.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;
using testing::SizeIs;

using Ids = std::vector<std::string>;

constexpr char kFewAttempts[] =
    "batch: {max_records: 20}, retry: {initial: 50ms, max: 200ms, attempts: 2}";

std::string http_date(seconds from_now) {
  const std::time_t when =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::string text(64, ' ');
  text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  return text;
}

struct TooMany {
  const char* name;
  int status;
  std::function<HttpHeaders()> headers;
  std::size_t most;  // requests in five seconds of it
};
void PrintTo(const TooMany& form, std::ostream* out) { *out << form.name; }

class Throttled : public VerdictsTest, public testing::WithParamInterface<TooMany> {};

TEST_P(Throttled, WaitsAsLongAsItIsToldSpendsNoAttemptAndFlowsAgain) {
  make_topic(std::string("answers-") + GetParam().name, 100);
  api_.answer_with([](const SeenRequest&, const Ids&) {
    return Reply{.status = GetParam().status, .headers = GetParam().headers()};
  });
  SluiceProcess sluice(config(kFewAttempts));
  ASSERT_TRUE(api_.server().wait_for_requests(1, seconds(30))) << sluice.log();
  const auto began = steady_clock::now();
  expect_parked(sluice, "throttled", "status " + std::to_string(GetParam().status));
  ASSERT_TRUE(eventually([&] { return steady_clock::now() - began > seconds(5); }, seconds(10)));
  EXPECT_LE(api_.server().request_count(), GetParam().most);
  EXPECT_GE(api_.server().request_count(), 2U) << "it never asks again";
  EXPECT_THAT(letters(), IsEmpty());
  expect_healed(sluice);
}

HttpHeaders retry_after(const std::string& value) { return {{"Retry-After", value}}; }

INSTANTIATE_TEST_SUITE_P(
    Of, Throttled,
    testing::Values(TooMany{"seconds", 429, [] { return retry_after("2"); }, 4},
                    TooMany{"date", 429, [] { return retry_after(http_date(seconds(3))); }, 4},
                    // As often as it thinks right by itself.
                    TooMany{"absent", 429, [] { return HttpHeaders(); }, 12},
                    TooMany{"negative", 429, [] { return retry_after("-7"); }, 12},
                    TooMany{"unavailable", 503, [] { return retry_after("2"); }, 4}),
    [](const auto& form) { return std::string(form.param.name); });

TEST_F(VerdictsTest, ARefusalWithALongPageIsKeptByItsBeginning) {
  make_topic("answers-page", 10);
  api_.answer_with([bad = id(4)](const SeenRequest&, const Ids& ids) {
    return holds(ids, bad) ? Reply{.status = 422, .body = "<html>" + std::string(900'000, '.')}
                           : Reply{};
  });
  SluiceProcess sluice(config("batch: {max_records: 10, linger: 5s}"));
  ASSERT_TRUE(all_committed()) << sluice.log();
  EXPECT_EQ(accounts(), dead({id(4)}));
  ASSERT_THAT(letters(), SizeIs(1));
  EXPECT_EQ(header_of(letters()[0], "sluice.response"), "<html>" + std::string(1024 - 6, '.'));
}

}  // namespace
}  // namespace sluice::test
