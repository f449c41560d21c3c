#include "tools/cli/page.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

constexpr int kWidestLabel = 24;

// As wide as any table is, and narrow enough to be filled with spaces.
constexpr int kUncut = 20'000;

}  // namespace

int TableWidth(const Screen& screen, int indent) {
  return screen.wide ? kUncut : screen.width - indent;
}

std::string RenderTable(const Table& table, const Screen& screen) {
  return table.Render(TableWidth(screen), screen.colour);
}

void Page::Heading(absl::string_view text) {
  if (!text_.empty()) text_ += '\n';
  Words(text, 0, Tone::kStrong);
}

void Page::Words(absl::string_view text, int indent, Tone tone) {
  for (const std::string& line : Wrap(CleanLines(text), screen_.width - indent)) {
    if (!line.empty()) text_ += std::string(indent, ' ') + Tinted(line, tone, screen_.colour);
    text_ += '\n';
  }
}

void Page::Fields(const std::vector<Field>& fields, int indent) {
  int label_width = 0;
  for (const auto& [label, value, tone] : fields) {
    if (!value.empty()) label_width = std::max(label_width, DisplayWidth(label));
  }
  label_width = std::min(label_width, kWidestLabel);
  const int value_width = screen_.width - indent - label_width - 2;
  for (const auto& [label, value, tone] : fields) {
    if (value.empty()) continue;
    const std::vector<std::string> lines = Wrap(CleanLines(value), value_width);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const absl::string_view line = absl::StripTrailingAsciiWhitespace(lines[i]);
      const std::string name = i == 0 ? Cut(label, label_width) : "";
      if (!line.empty() || !name.empty()) {
        text_ += std::string(indent, ' ') + Tinted(name, Tone::kFaint, screen_.colour);
        const int gap = label_width + 2 - DisplayWidth(name);
        if (!line.empty()) text_ += std::string(gap, ' ') + Tinted(line, tone, screen_.colour);
      }
      text_ += '\n';
    }
  }
}

void Page::Add(const Table& table, int indent) {
  const std::string rendered = table.Render(TableWidth(screen_, indent), screen_.colour);
  for (absl::string_view line : absl::StrSplit(rendered, '\n', absl::SkipEmpty())) {
    text_ += std::string(indent, ' ') + std::string(line) + '\n';
  }
}

void Page::Line(const std::vector<Cell>& parts, int indent) {
  text_ += std::string(indent, ' ');
  for (const Cell& part : parts) text_ += Tinted(part.text, part.tone, screen_.colour);
  text_ += '\n';
}

}  // namespace trialgate::cli
