#include "tools/cli/terminal.h"

#include "gtest/gtest.h"

namespace trialgate::cli {
namespace {

constexpr Terminal kAt120 = {.in = true, .out = true, .err = true, .columns = 120};

TEST(TerminalTest, TheScreenIsAsWideAsTheTerminal) {
  EXPECT_EQ(ScreenWidth(kAt120, {}), 120);
  EXPECT_EQ(ScreenWidth({}, {}), 100) << "no terminal";
}

TEST(TerminalTest, ColumnsOverridesTheTerminal) {
  EXPECT_EQ(ScreenWidth(kAt120, {{"COLUMNS", "90"}}), 90);
  EXPECT_EQ(ScreenWidth({}, {{"COLUMNS", "140"}}), 140);
  for (const char* odd : {"", "0", "-3", "many"}) {
    EXPECT_EQ(ScreenWidth(kAt120, {{"COLUMNS", odd}}), 120) << odd;
  }
}

TEST(TerminalTest, HelpIsForEightyColumnsAndAnErrorIsALineWhereNoTerminalSaysHowWide) {
  EXPECT_EQ(HelpWidth({}, {}), 80);
  EXPECT_EQ(HelpWidth(kAt120, {}), 120);
  EXPECT_EQ(HelpWidth({}, {{"COLUMNS", "90"}}), 90);
  EXPECT_EQ(ErrorWidth({}, {}), 0);
  EXPECT_EQ(ErrorWidth({}, {{"COLUMNS", "90"}}), 90);
  EXPECT_EQ(ErrorWidth(kAt120, {}), 0) << "that is standard output's";
  EXPECT_EQ(ErrorWidth({.err = true, .err_columns = 120}, {}), 120);
}

TEST(TerminalTest, NothingIsDrawnForLessThanEightyColumnsOrForEndlesslyMany) {
  EXPECT_EQ(ScreenWidth(kAt120, {{"COLUMNS", "20"}}), 80);
  EXPECT_EQ(ScreenWidth(kAt120, {{"COLUMNS", "99999"}}), 500);
}

TEST(TerminalTest, ColoursAreForTerminalsThatKnowThem) {
  EXPECT_TRUE(UseColour("auto", kAt120, {{"TERM", "xterm"}}));
  EXPECT_FALSE(UseColour("auto", kAt120, {{"TERM", "dumb"}}));
  EXPECT_FALSE(UseColour("auto", kAt120, {}));
  EXPECT_FALSE(UseColour("auto", {}, {{"TERM", "xterm"}}));
}

TEST(TerminalTest, NoColorTurnsThemOffUnlessAFlagAsksForThem) {
  EXPECT_FALSE(UseColour("auto", kAt120, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}));
  EXPECT_TRUE(UseColour("auto", kAt120, {{"TERM", "xterm"}, {"NO_COLOR", ""}}));
  EXPECT_TRUE(UseColour("always", {}, {{"NO_COLOR", "1"}}));
  EXPECT_FALSE(UseColour("never", kAt120, {{"TERM", "xterm"}}));
}

}  // namespace
}  // namespace trialgate::cli
