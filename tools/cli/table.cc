#include "tools/cli/table.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

constexpr int kGap = 2;
// No column that may yield is made narrower, unless those that should not would have to yield.
constexpr int kNarrow = 12;
constexpr int kNarrowest = 2;

// Takes from the widest of the columns that `may_yield` until `excess` columns are gained or all of
// them are at `least`. Returns what is still too much.
int Shrink(const std::vector<bool>& may_yield, int least, int excess, std::vector<int>* widths) {
  while (excess > 0) {
    std::size_t widest = widths->size();
    for (std::size_t i = 0; i < widths->size(); ++i) {
      if (!may_yield[i] || (*widths)[i] <= least) continue;
      if (widest == widths->size() || (*widths)[i] > (*widths)[widest]) widest = i;
    }
    if (widest == widths->size()) break;
    --(*widths)[widest];
    --excess;
  }
  return excess;
}

int NaturalWidth(const std::string& cell) {
  int width = 0;
  absl::string_view rest = cell;
  while (true) {
    const std::size_t end = rest.find('\n');
    width = std::max(width, DisplayWidth(rest.substr(0, end)));
    if (end == absl::string_view::npos) return width;
    rest.remove_prefix(end + 1);
  }
}

std::vector<std::string> CellLines(const std::string& cell, Overflow overflow, int width) {
  if (overflow != Overflow::kCut) return Wrap(cell, width);
  std::vector<std::string> lines;
  absl::string_view rest = cell;
  while (true) {
    const std::size_t end = rest.find('\n');
    lines.push_back(Cut(rest.substr(0, end), width));
    if (end == absl::string_view::npos) return lines;
    rest.remove_prefix(end + 1);
  }
}

void AppendRow(const std::vector<Column>& columns, const std::vector<int>& widths,
               const std::vector<Cell>& cells, bool colour, std::string* out) {
  std::vector<std::vector<std::string>> lines;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    lines.push_back(widths[i] == 0 ? std::vector<std::string>()
                                   : CellLines(cells[i].text, columns[i].overflow,
                                               std::max(widths[i], kNarrowest)));
    height = std::max(height, lines.back().size());
  }
  for (std::size_t y = 0; y < height; ++y) {
    // Spaces are written before the next text only, so that no line ends in them.
    std::string line;
    int owed = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (widths[i] == 0) continue;
      const absl::string_view text =
          y < lines[i].size() ? absl::StripTrailingAsciiWhitespace(lines[i][y]) : "";
      const int free = std::max(0, widths[i] - DisplayWidth(text));
      const bool right = columns[i].align == Align::kRight;
      if (!text.empty()) {
        line += std::string(owed + (right ? free : 0), ' ') + Tinted(text, cells[i].tone, colour);
        owed = 0;
      }
      owed += kGap + (text.empty() ? widths[i] : right ? 0 : free);
    }
    *out += line + '\n';
  }
}

}  // namespace

void Table::AddRow(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (Cell& cell : cells) cell.text = CleanLines(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(int width, bool colour) const {
  if (rows_.empty()) return "";
  std::vector<int> widths(columns_.size());
  std::vector<bool> yields(columns_.size());
  std::vector<Cell> header;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (const auto& row : rows_) widths[i] = std::max(widths[i], NaturalWidth(row[i].text));
    // An empty column says nothing and takes room.
    if (widths[i] > 0) widths[i] = std::max(widths[i], DisplayWidth(columns_[i].header));
    yields[i] = columns_[i].overflow != Overflow::kKeep && widths[i] > 0;
    header.emplace_back(columns_[i].header, Tone::kFaint);
  }
  const auto shown =
      static_cast<int>(std::count_if(widths.begin(), widths.end(), [](int w) { return w > 0; }));
  const int room = width - kGap * std::max(0, shown - 1);
  int excess = std::accumulate(widths.begin(), widths.end(), 0) - room;
  excess = Shrink(yields, kNarrow, excess, &widths);
  const std::vector<bool> all(columns_.size(), true);
  excess = Shrink(all, kNarrow, excess, &widths);
  Shrink(all, kNarrowest, excess, &widths);

  std::string out;
  AppendRow(columns_, widths, header, colour, &out);
  for (const auto& row : rows_) AppendRow(columns_, widths, row, colour, &out);
  return out;
}

}  // namespace trialgate::cli
