#include "tools/cli/table.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

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
               const std::vector<std::string>& cells, std::string* out) {
  std::vector<std::vector<std::string>> lines;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    lines.push_back(
        widths[i] == 0 ? std::vector<std::string>()
                       : CellLines(cells[i], columns[i].overflow, std::max(widths[i], kNarrowest)));
    height = std::max(height, lines.back().size());
  }
  for (std::size_t y = 0; y < height; ++y) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string text = y < lines[i].size() ? lines[i][y] : "";
      line += Pad(text, widths[i], columns[i].align == Align::kRight);
      line += std::string(kGap, ' ');
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    *out += line + '\n';
  }
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = CleanLines(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(int width) const {
  if (rows_.empty()) return "";
  std::vector<int> widths(columns_.size());
  std::vector<bool> yields(columns_.size());
  std::vector<std::string> header;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (const auto& row : rows_) widths[i] = std::max(widths[i], NaturalWidth(row[i]));
    // An empty column says nothing and takes room.
    if (widths[i] > 0) widths[i] = std::max(widths[i], DisplayWidth(columns_[i].header));
    yields[i] = columns_[i].overflow != Overflow::kKeep && widths[i] > 0;
    header.push_back(columns_[i].header);
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
  AppendRow(columns_, widths, header, &out);
  for (const auto& row : rows_) AppendRow(columns_, widths, row, &out);
  return out;
}

}  // namespace trialgate::cli
