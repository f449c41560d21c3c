// One screen of words, fields and tables, no line wider than its width:
//
//   Page page(screen);
//   page.Heading("Near misses");
//   page.Add(table);
//   return page.Take();
#ifndef TRIALGATE_TOOLS_CLI_PAGE_H_
#define TRIALGATE_TOOLS_CLI_PAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/cli/table.h"

namespace trialgate::cli {

// For whom is rendered.
struct Screen {
  // Columns.
  int width = 100;
  // Whether tables show further columns, and are as wide as they need be.
  bool wide = false;
  bool colour = false;
  // The reader's time and zone.
  absl::Time now;
  absl::TimeZone zone;
};

// How wide a table may be: the screen's width less `indent`, or what it needs.
int TableWidth(const Screen& screen, int indent = 0);

// `table` on a screen of its own.
std::string RenderTable(const Table& table, const Screen& screen);

// A label and what stands beside it.
struct Field {
  std::string label;
  std::string value;
  Tone tone = Tone::kPlain;
};

// Not thread-safe. What is given may come from elsewhere: control characters do not get through.
class Page {
 public:
  explicit Page(const Screen& screen) : screen_(screen) {}

  // A line of its own, set off by an empty one.
  void Heading(absl::string_view text);
  // Words, wrapped, each line indented by `indent` columns.
  void Words(absl::string_view text, int indent = 0, Tone tone = Tone::kPlain);
  // Labels in a column, values beside them, wrapped; fields without a value are left out.
  void Fields(const std::vector<Field>& fields, int indent = 0);
  // A table; nothing if it has no rows.
  void Add(const Table& table, int indent = 0);

  // A line as it is, of parts that hold no control characters; the caller sees to its width.
  void Line(const std::vector<Cell>& parts, int indent = 0);

  std::string Take() { return std::move(text_); }

 private:
  const Screen screen_;
  std::string text_;
};

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_PAGE_H_
