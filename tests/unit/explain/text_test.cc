#include "explain/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "explain/document.h"
#include "explain/words.h"
#include "unit/explain/explaining.h"

namespace sluice::explain {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TextTest : public Explaining {
 protected:
  // tests/golden/explain: as it is shown.
  static void is_what_it_was(const std::string& name, const std::string& shown) {
    const std::string file = std::string(SLUICE_SOURCE_DIR) + "/tests/golden/explain/" + name;
    if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << shown;
    const std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_EQ(shown, text.str()) << "if that is wanted: SLUICE_UPDATE_GOLDEN=1";
  }
  void check(const std::string& name) {
    const Explanation all = explain();
    is_what_it_was(name + ".txt", text_of(all, kShownBody, clock_.wall_now(), 100));
    is_what_it_was(name + ".json", document_of(all, kShownBody, clock_.wall_now()) + "\n");
  }
  void configure_all() {
    configure(
        ", auth: {type: bearer, token: very-secret-token}, rate_limit: [{requests: 1000, per: 1s}, "
        "{bytes: 5MiB, per: 1m, "
        "path: /orders}], compression: {type: gzip, min_size: 1KiB}",
        ", path: /orders, dead_letter: {topic: orders.dlq}, order: key, max_age: 1d, group_by: "
        "[/shop], "
        "verdicts: "
        "[{status: 200, body: {pointer: /ok, equals: false}, verdict: rejected}]");
  }
};

TEST_F(TextTest, OfAPipeline) {
  configure_all();
  check("pipeline");
}

TEST_F(TextTest, OfARecordThatWouldBeSent) {
  configure_all();
  test::TestRecord record{
      17, R"({"shop":"a","n":1})", "alice", {{"trace", "abc"}, {"x", {}}}, 1'790'000'000'000};
  explainer_->add(record.view());
  add(18, R"({"shop":"a","n":2})", "alice");
  check("sent");
}

TEST_F(TextTest, OfARecordThatWouldNot) {
  configure_all();
  add(17, "{\"shop\":");
  check("refused");
}

TEST_F(TextTest, IsAsWideAsItIsReadAndUnbrokenForWhatIsNoTerminal) {
  configure_all();
  const Explanation all = explain();
  const auto widest = [&](std::size_t width) {
    std::istringstream lines(text_of(all, kShownBody, clock_.wall_now(), width));
    std::size_t most = 0;
    for (std::string line; std::getline(lines, line);) most = std::max(most, line.size());
    return most;
  };
  EXPECT_LE(widest(80), 80U);
  EXPECT_LE(widest(100), 100U);
  EXPECT_GT(widest(SIZE_MAX), 150U);
  EXPECT_THAT(text_of(all, kShownBody, clock_.wall_now()),
              HasSubstr("goes to orders.dlq as exhausted\n"));
}

TEST_F(TextTest, TheRecordCannotWriteToTheTerminal) {
  configure("", ", path: /orders, dead_letter: none");
  add(17, "\"\x7f\"", "\033[2J\nkey");
  EXPECT_THAT(text_of(explain(), kShownBody, clock_.wall_now()),
              AllOf(Not(HasSubstr("\033")), Not(HasSubstr("\x7f")), Not(HasSubstr("\nkey"))));
}

TEST_F(TextTest, ALongBodyIsCutBetweenCharactersUnlessAllIsAskedFor) {
  configure("", ", path: /orders, dead_letter: none");
  const std::string value = "\"" + std::string(kShownBody - 3, 'x') + "\xC3\xA4y\"";
  add(17, value);
  const Explanation all = explain();
  EXPECT_THAT(text_of(all, kShownBody, clock_.wall_now()),
              AllOf(HasSubstr("of which the first 1023 are (--body for all)"),
                    Not(HasSubstr("\xC3")), Not(HasSubstr("\xEF\xBF\xBD"))));
  EXPECT_THAT(text_of(all, SIZE_MAX, clock_.wall_now()), HasSubstr(value));
}

}  // namespace
}  // namespace sluice::explain
