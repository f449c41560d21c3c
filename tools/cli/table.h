// Tables for people:
//
//   Table table({{"SITE", Overflow::kWrap}, {"PATIENTS", Overflow::kKeep, Align::kRight}});
//   table.AddRow({site.display_name(), "12.4"});
//   out << table.Render(100);
//
// A cell may have a tone: {Word(state), Tone::kBad}.
#ifndef TRIALGATE_TOOLS_CLI_TABLE_H_
#define TRIALGATE_TOOLS_CLI_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "tools/cli/tone.h"

namespace trialgate::cli {

enum class Align { kLeft, kRight };

// What becomes of cells for which there is no room.
enum class Overflow {
  kKeep,  // numbers, dates, names to be copied: broken into lines only if nothing else can yield
  kCut,   // ends in "…"
  kWrap,  // goes on in the next line
};

struct Column {
  std::string header;
  Overflow overflow = Overflow::kWrap;
  Align align = Align::kLeft;
};

// What stands in a row's column. Made of a text alone it has no tone.
struct Cell {
  Cell(std::string words, Tone of = Tone::kPlain)  // NOLINT(google-explicit-constructor)
      : text(std::move(words)), tone(of) {}
  Cell(const char* words, Tone of = Tone::kPlain)  // NOLINT(google-explicit-constructor)
      : text(words), tone(of) {}
  Cell() = default;

  std::string text;
  Tone tone = Tone::kPlain;
};

// Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell per column; those that are absent are empty. A line break in a cell starts a new line
  // in it; other control characters become spaces.
  void AddRow(std::vector<Cell> cells);

  bool empty() const { return rows_.empty(); }

  // Header and rows, each line ended by '\n', none wider than `width` columns (>= 20) provided that
  // this leaves two for each column; without trailing spaces. Columns without any content are left
  // out; without rows, nothing. Tones show where `colour` is on.
  std::string Render(int width, bool colour = false) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TABLE_H_
