#include "replay/whole_letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/documents.h"
#include "unit/replay/letters.h"

namespace sluice::replay {
namespace {

using testing::HasSubstr;
using testing::Not;

WholeLetter letter(std::optional<std::string> value = "the payload") {
  Stored stored = letter_at({0, 17});
  stored.value = std::move(value);
  stored.headers.insert(stored.headers.begin(), {"trace", "abc"});
  return *read_whole_letter(0, stored.view());
}

TEST(WholeLetterTest, ShowsTheEnvelopeAndFingerprintsOfTheRecord) {
  const std::string text = text_of(letter(), false);
  EXPECT_THAT(text, HasSubstr("letter         0:17\nstate          waiting\n"));
  EXPECT_THAT(text, HasSubstr("id             events/2/7\n"));
  EXPECT_THAT(text, HasSubstr("reason         rejected\n"));
  EXPECT_THAT(text, HasSubstr("value          11 bytes, xxh3 "));
  EXPECT_THAT(text, HasSubstr("header         trace: 3 bytes, xxh3 "));
  for (const char* secret : {"the payload", "abc", ": key"}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
    EXPECT_THAT(show_document({letter()}, false), Not(HasSubstr(secret)));
  }
}

TEST(WholeLetterTest, ShowsTheRecordWhereItIsAskedTo) {
  const std::string text = text_of(letter("two\nlines"), true);
  EXPECT_THAT(text, HasSubstr("key            key\nvalue          two lines\n"));
  EXPECT_THAT(text, HasSubstr("header         trace: abc\n"));
}

TEST(WholeLetterTest, TellsANullFromAnEmptyValue) {
  EXPECT_THAT(text_of(letter(std::nullopt), false), HasSubstr("value          null\n"));
  EXPECT_THAT(text_of(letter(""), false), HasSubstr("value          0 bytes"));
}

TEST(WholeLetterTest, SaysWhereAValueIsThatWasLeftOut) {
  Stored stored = letter_at({0, 17});
  stored.value.reset();
  stored.headers.push_back(codec::oversized_marker(3'000'000));
  EXPECT_THAT(text_of(*read_whole_letter(0, stored.view()), false),
              HasSubstr("value          left out: 3000000 bytes at events/2/7\n"));
}

TEST(WholeLetterTest, FingerprintsTellBytesApart) {
  EXPECT_EQ(fingerprint("a"), fingerprint("a"));
  EXPECT_NE(fingerprint("a"), fingerprint("b"));
}

TEST(WholeLetterTest, IsLosslessForProgramsWhateverItsBytesAre) {
  EXPECT_THAT(show_document({letter("text\n")}, true), HasSubstr(R"("text":"text\n")"));
  EXPECT_THAT(show_document({letter("\xff\xfe")}, true), HasSubstr(R"("base64":"//4=")"));
  EXPECT_THAT(show_document({letter(std::nullopt)}, true), HasSubstr(R"("value":null)"));
}

}  // namespace
}  // namespace sluice::replay
