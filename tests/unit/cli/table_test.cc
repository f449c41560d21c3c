#include "tools/cli/table.h"

#include <string>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

TEST(TableTest, ColumnsLineUpUnderDanishNames) {
  Table table({{"REGION"}, {"SITES", Overflow::kKeep, Align::kRight}, {"FROM"}});
  table.AddRow({"Sjælland", "3", "2027-01-01"});
  table.AddRow({"Øst", "12", "2027-03-01"});
  EXPECT_EQ(table.Render(100),
            "REGION    SITES  FROM\n"
            "Sjælland      3  2027-01-01\n"
            "Øst          12  2027-03-01\n");
}

TEST(TableTest, TextYieldsBeforeNumbersAndNamesDo) {
  Table table({{"NAME", Overflow::kKeep}, {"TITLE", Overflow::kCut}, {"WHY", Overflow::kWrap}});
  table.AddRow({"abcdefghijklmnop", "a title that goes on and on", "one reason and another"});
  EXPECT_EQ(table.Render(50),
            "NAME              TITLE            WHY\n"
            "abcdefghijklmnop  a title that g…  one reason and\n"
            "                                   another\n");
}

TEST(TableTest, NamesBreakOnlyWhereNothingElseCanYield) {
  Table table({{"NAME", Overflow::kKeep}, {"TITLE", Overflow::kCut}});
  table.AddRow({std::string(40, 'x'), "title"});
  const std::string text = table.Render(30);
  for (absl::string_view line : absl::StrSplit(text, '\n')) EXPECT_LE(DisplayWidth(line), 30);
  EXPECT_THAT(text, testing::HasSubstr("title"));
}

TEST(TableTest, AColumnWithoutContentTakesNoRoom) {
  Table table({{"A"}, {"EMPTY"}, {"B"}});
  table.AddRow({"1", "", "2"});
  EXPECT_EQ(table.Render(100), "A  B\n1  2\n");
}

TEST(TableTest, ALineBreakInACellStartsALineInIt) {
  Table table({{"SITE"}, {"N", Overflow::kKeep, Align::kRight}});
  table.AddRow({"id\nName of it", "1"});
  EXPECT_EQ(table.Render(100), "SITE        N\nid          1\nName of it\n");
}

TEST(TableTest, ATonedCellIsColouredAndTakesNoMoreRoom) {
  Table table({{"STATE"}, {"N", Overflow::kKeep, Align::kRight}});
  table.AddRow({{"late", Tone::kBad}, "1"});
  EXPECT_EQ(table.Render(100, /*colour=*/true),
            "\x1B[2mSTATE\x1B[0m  \x1B[2mN\x1B[0m\n"
            "\x1B[1;31mlate\x1B[0m   1\n");
  EXPECT_EQ(table.Render(100), "STATE  N\nlate   1\n");
}

TEST(TableTest, WithoutRowsThereIsNothing) { EXPECT_EQ(Table({{"A"}}).Render(100), ""); }

TEST(TableTest, NoLineIsWiderThanTheScreenWhateverTheColumnsAre) {
  for (const Overflow overflow : {Overflow::kKeep, Overflow::kCut, Overflow::kWrap}) {
    Table table(std::vector<Column>(8, Column{"HEADER", overflow}));
    table.AddRow(std::vector<Cell>(8, "Ærø 東京 trialRequests/abcdefghijklmnopqrstuvwxyz"));
    for (int width = 40; width <= 120; width += 7) {
      const std::string text = table.Render(width);
      for (absl::string_view line : absl::StrSplit(text, '\n')) {
        EXPECT_LE(DisplayWidth(line), width) << line;
      }
    }
  }
}

}  // namespace
}  // namespace trialgate::cli
