#include "tools/cli/page.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_split.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

constexpr int kWidestLabel = 24;

}  // namespace

void Page::Heading(absl::string_view text) {
  if (!text_.empty()) text_ += '\n';
  Words(text);
}

void Page::Words(absl::string_view text, int indent) {
  for (const std::string& line : Wrap(CleanLines(text), width_ - indent)) {
    if (!line.empty()) text_ += std::string(indent, ' ') + line;
    text_ += '\n';
  }
}

void Page::Fields(const std::vector<Field>& fields, int indent) {
  int label_width = 0;
  for (const auto& [label, value] : fields) {
    if (!value.empty()) label_width = std::max(label_width, DisplayWidth(label));
  }
  label_width = std::min(label_width, kWidestLabel);
  const int value_width = width_ - indent - label_width - 2;
  for (const auto& [label, value] : fields) {
    if (value.empty()) continue;
    const std::vector<std::string> lines = Wrap(CleanLines(value), value_width);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string line(indent, ' ');
      line += Pad(i == 0 ? Cut(label, label_width) : "", label_width + 2) + lines[i];
      while (!line.empty() && line.back() == ' ') line.pop_back();
      text_ += line + '\n';
    }
  }
}

void Page::Add(const Table& table, int indent) {
  const std::string rendered = table.Render(width_ - indent);
  for (absl::string_view line : absl::StrSplit(rendered, '\n', absl::SkipEmpty())) {
    text_ += std::string(indent, ' ') + std::string(line) + '\n';
  }
}

}  // namespace trialgate::cli
