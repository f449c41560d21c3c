#include "tools/cli/text.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::cli {
namespace {

using testing::ElementsAre;

TEST(TextTest, WidthCountsColumnsAndNotBytes) {
  EXPECT_EQ(DisplayWidth("Region Syddanmark"), 17);
  EXPECT_EQ(DisplayWidth("Sjælland øst på Ærø"), 19);
  EXPECT_EQ(DisplayWidth("東京"), 4);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);  // e and a combining acute accent
  EXPECT_EQ(DisplayWidth("🧪"), 2);
  EXPECT_EQ(DisplayWidth("\u0939\u093F\u0928\u094D\u0926\u0940"), 5) << "marks that take no column";
  EXPECT_EQ(DisplayWidth("ﾊﾝｶｸ"), 4) << "half width";
  EXPECT_EQ(DisplayWidth("█▓▒·–…"), 6);
  EXPECT_EQ(DisplayWidth(""), 0);
}

TEST(TextTest, CutLeavesWhatFitsAndEndsTheRestInAnEllipsis) {
  EXPECT_EQ(Cut("Ærøskøbing", 10), "Ærøskøbing");
  EXPECT_EQ(Cut("Ærøskøbing", 9), "Ærøskøbi…");
  EXPECT_EQ(Cut("東京都", 4), "東…");  // half a character does not exist
  EXPECT_EQ(Cut("one two", 5), "one…");
}

TEST(TextTest, WrapBreaksAtSpacesAndKeepsLineBreaks) {
  EXPECT_THAT(Wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("a\n\nb", 10), ElementsAre("a", "", "b"));
  EXPECT_THAT(Wrap("", 10), ElementsAre(""));
}

TEST(TextTest, WrapKeepsTheSpacingOfALineThatFits) {
  EXPECT_THAT(Wrap(" 4.0  10.0", 10), ElementsAre(" 4.0  10.0"));
}

TEST(TextTest, WrapBreaksANameThatIsTooLongBetweenItsParts) {
  EXPECT_THAT(Wrap("sites/aarhus-oncology", 16), ElementsAre("sites/aarhus-", "oncology"));
  EXPECT_THAT(Wrap("abcdefgh", 3), ElementsAre("abc", "def", "gh"));
}

TEST(TextTest, NoLineOfWrapIsWiderThanAsked) {
  const std::string text =
      "Æ東🧪 Landsspecialafdelingen-for-hæmatologi, a 東京東京東京 of "
      "rødgrød/med/fløde";
  for (int width = 2; width < 40; ++width) {
    for (const std::string& line : Wrap(text, width)) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(TextTest, CleanTakesTheTerminalOutOfForeignHands) {
  EXPECT_EQ(Clean("red \x1B[31m title\x07\r\n"), "red  [31m title   ");
  EXPECT_EQ(Clean("a\xC2\x9B"
                  "b"),
            "a b");  // C1: control sequence introducer
  // NOLINTNEXTLINE(misc-misleading-bidirectional): that it does not get through is what is tested.
  EXPECT_EQ(Clean("a\xE2\x80\xAE"
                  "b"),
            "a b");  // right-to-left override
  EXPECT_EQ(Clean("\xFF\xC3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(CleanLines("one\r\ntwo\nthree\x1B"), "one\ntwo\nthree ");
}

TEST(TextTest, PadFillsByColumns) {
  EXPECT_EQ(Pad("Ærø", 5), "Ærø  ");
  EXPECT_EQ(Pad("12.4", 6, true), "  12.4");
  EXPECT_EQ(Pad("too long", 3), "too long");
}

TEST(TextTest, FurtherLinesAreIndentedUnderTheirFirst) {
  EXPECT_EQ(WrapIndented("short\n\n  a line of words\n", 12), "short\n\n  a line\n    of words\n");
  EXPECT_EQ(WrapIndented("two  spaces stay", 16), "two  spaces stay");
  EXPECT_EQ(WrapIndented("æøå æøå æøå", 7), "æøå\n  æøå\n  æøå");
}

}  // namespace
}  // namespace trialgate::cli
