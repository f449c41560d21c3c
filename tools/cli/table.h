// Tables for people:
//
//   Table table({{"SITE", Overflow::kWrap}, {"PATIENTS", Overflow::kKeep, Align::kRight}});
//   table.AddRow({site.display_name(), "12.4"});
//   out << table.Render(100);
#ifndef TRIALGATE_TOOLS_CLI_TABLE_H_
#define TRIALGATE_TOOLS_CLI_TABLE_H_

#include <string>
#include <vector>

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

// Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell per column; those that are absent are empty. A line break in a cell starts a new line
  // in it; other control characters become spaces.
  void AddRow(std::vector<std::string> cells);

  bool empty() const { return rows_.empty(); }

  // Header and rows, each line ended by '\n', none wider than `width` columns (>= 20) provided that
  // this leaves two for each column; without trailing spaces. Columns without any content are left
  // out; without rows, nothing.
  std::string Render(int width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TABLE_H_
