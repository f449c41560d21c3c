// A site's months as a drawing.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/civil_date.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// Columns for the slots of a month, and for what stands beyond the last slot.
constexpr int kBarWidth = 22;
constexpr int kBeyond = 4;
// Up to so many slots a cell is two columns wide.
constexpr int kFewSlots = 11;

struct Kind {
  absl::string_view mark;
  absl::string_view word;
  Tone tone;
};

// In the order in which they fill a bar. Each has a mark of its own: colours only repeat it.
constexpr Kind kDeclared = {"█", "declared", Tone::kTaken};
constexpr Kind kConfirmed = {"▓", "confirmed", Tone::kTaken};
constexpr Kind kHeld = {"▒", "held", Tone::kSoon};
constexpr Kind kFree = {"·", "free", Tone::kGood};

std::string Repeated(absl::string_view mark, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) absl::StrAppend(&text, mark);
  return text;
}

// How many slots a cell stands for, and how many columns it takes.
struct Scale {
  long long slots_per_cell = 1;
  int columns = 1;
};

Scale ScaleOf(long long slots) {
  Scale scale;
  if (slots <= kFewSlots) scale.columns = 2;
  scale.slots_per_cell = std::max<long long>(1, (slots + kBarWidth - 1) / kBarWidth);
  return scale;
}

long long FreeOf(const v1::MonthUse& month, long long slots) {
  return slots - month.occupied_declared() - month.occupied_confirmed() - month.held();
}

long long CellsOf(long long slots, const Scale& scale) {
  return (slots + scale.slots_per_cell - 1) / scale.slots_per_cell;
}

// A month's bar; `width` is what it takes.
struct Bar {
  std::vector<Cell> parts;
  int width = 0;
};

void Draw(absl::string_view text, Tone tone, Bar* bar) {
  bar->parts.emplace_back(std::string(text), tone);
  bar->width += DisplayWidth(text);
}

// Cells beyond the last slot are bad, whatever they are; of many only the first are drawn.
Bar BarOf(const v1::MonthUse& month, long long slots, const Scale& scale) {
  const long long limit = CellsOf(slots, scale);
  const std::vector<std::pair<Kind, long long>> uses = {{kDeclared, month.occupied_declared()},
                                                        {kConfirmed, month.occupied_confirmed()},
                                                        {kHeld, month.held()},
                                                        {kFree, FreeOf(month, slots)}};
  Bar within, beyond;
  long long used = 0;
  for (const auto& [kind, use] : uses) {
    const long long from = CellsOf(used, scale);
    used += std::max<long long>(0, use);
    const long long to = CellsOf(used, scale);
    for (long long cell = from; cell < std::min(to, limit + kBeyond / scale.columns); ++cell) {
      Draw(Repeated(kind.mark, scale.columns), cell < limit ? kind.tone : Tone::kBad,
           cell < limit ? &within : &beyond);
    }
  }
  Draw("|", Tone::kPlain, &within);
  for (const Cell& part : beyond.parts) Draw(part.text, part.tone, &within);
  if (CellsOf(used, scale) > limit + kBeyond / scale.columns) Draw("…", Tone::kBad, &within);
  return within;
}

int BarColumns(long long slots, const Scale& scale) {
  return std::max<int>(8, static_cast<int>(CellsOf(slots, scale)) * scale.columns + 1);
}

// The columns of numbers: declared, confirmed, held, free.
constexpr int kColumns[] = {9, 10, 6, 13};

std::string InColumn(const std::string& text, int column) {
  return Pad(Cut(text, kColumns[column] - 1), kColumns[column], true);
}

std::string Number(long long number) { return number == 0 ? "–" : absl::StrCat(number); }

// "2026  Nov  ████▓▓▒▒····|         2         1 …"
void AddMonth(const v1::MonthUse& month, long long slots, const Scale& scale, int columns,
              absl::string_view label, Page* page) {
  Bar bar = BarOf(month, slots, scale);
  std::vector<Cell>& parts = bar.parts;
  parts.insert(parts.begin(), Cell(absl::StrCat(label, "  ")));
  parts.emplace_back(std::string(std::max(0, columns - bar.width), ' '));
  const long long free = FreeOf(month, slots);
  parts.emplace_back(InColumn(Number(month.occupied_declared()), 0));
  parts.emplace_back(InColumn(Number(month.occupied_confirmed()), 1));
  parts.emplace_back(InColumn(Number(month.held()), 2));
  const Tone tone = free < 0 ? Tone::kBad : free == 0 ? Tone::kSoon : Tone::kGood;
  const std::string words = free < 0    ? absl::StrCat("over by ", -free)
                            : free == 0 ? "full"
                                        : absl::StrCat(free);
  parts.emplace_back(InColumn(words, 3), tone);
  page->Line(parts, 2);
}

void AddLegend(const Scale& scale, Page* page) {
  std::vector<Cell> parts;
  for (const Kind& kind : {kDeclared, kConfirmed, kHeld, kFree}) {
    parts.emplace_back(std::string(kind.mark), kind.tone);
    parts.emplace_back(absl::StrCat(" ", kind.word, "   "));
  }
  parts.emplace_back("| its slots");
  page->Line(parts, 2);
  if (scale.slots_per_cell > 1) {
    page->Words(absl::StrCat("One mark stands for ", scale.slots_per_cell, " slots."), 2);
  }
}

std::string LabelOf(absl::CivilMonth month, bool with_year) {
  static constexpr absl::string_view kNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return absl::StrCat(with_year ? absl::StrFormat("%04d", month.year()) : "    ", "  ",
                      kNames[month.month() - 1]);
}

std::string MonthText(absl::CivilMonth month) {
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

absl::CivilMonth FirstMonth(const CapacityWindow& window, const Screen& screen) {
  const auto given = ParseDate(absl::StrCat(window.from, "-01"));
  return given.ok() ? absl::CivilMonth(*given)
                    : absl::CivilMonth(absl::ToCivilSecond(screen.now, screen.zone));
}

void AddMonths(const v1::SiteCapacity& capacity, const CapacityWindow& window, const Screen& screen,
               Page* page) {
  std::map<std::string, const v1::MonthUse*> known;
  for (const v1::MonthUse& month : capacity.months()) known[month.month()] = &month;
  const long long slots = capacity.slots();
  const Scale scale = ScaleOf(slots);
  int columns = BarColumns(slots, scale);
  for (const v1::MonthUse& month : capacity.months()) {
    columns = std::max(columns, BarOf(month, slots, scale).width);
  }
  AddLegend(scale, page);
  page->Words("");
  page->Line({{std::string(11 + columns, ' ')},
              {absl::StrCat(InColumn("DECLARED", 0), InColumn("CONFIRMED", 1), InColumn("HELD", 2),
                            InColumn("FREE", 3)),
               Tone::kFaint}},
             2);
  const absl::CivilMonth first = FirstMonth(window, screen);
  for (int i = 0; i < window.months; ++i) {
    const absl::CivilMonth month = first + i;
    const auto found = known.find(MonthText(month));
    AddMonth(found == known.end() ? v1::MonthUse() : *found->second, slots, scale, columns,
             LabelOf(month, i == 0 || month.month() == 1), page);
  }
  if (!known.empty() && known.rbegin()->first >= MonthText(first + window.months)) {
    page->Words(absl::StrCat("There is use up to ", known.rbegin()->first,
                             ": --months and --from show more."),
                2);
  }
}

void AddHolds(const v1::SiteCapacity& capacity, Page* page) {
  if (capacity.holds_size() == 0) return;
  page->Heading("Holds");
  Table holds({{"FROM", Overflow::kKeep},
               {"MONTHS", Overflow::kKeep, Align::kRight},
               {"STATE", Overflow::kKeep},
               {"REFERRAL"}});
  for (const v1::CapacityHold& hold : capacity.holds()) {
    holds.AddRow(
        {hold.first_month(),
         absl::StrCat(hold.months()),
         {Word(hold.state()), hold.state() == v1::HOLD_STATE_HELD ? Tone::kSoon : Tone::kTaken},
         ReferralId(hold.referral())});
  }
  page->Add(holds, 2);
}

}  // namespace

std::string RenderCapacity(const v1::SiteCapacity& capacity, const CapacityWindow& window,
                           const Screen& screen) {
  Page page(screen);
  const std::string name = capacity.name();
  const std::size_t end = name.rfind("/capacity");
  page.Heading(absl::StrCat("Capacity", name.empty() ? "" : " of ", Id(name.substr(0, end)), ": ",
                            Count(capacity.slots(), "slot")));
  page.Fields({{"source", SourceWords(capacity.source())},
               {"version", capacity.etag()},
               {"over-booked because", capacity.overbooked_reason(), Tone::kBad}},
              2);
  page.Words("");
  AddMonths(capacity, window, screen, &page);
  AddHolds(capacity, &page);
  return page.Take();
}

std::string RenderCapacity(const v1::SiteCapacity& capacity, const Screen& screen) {
  return RenderCapacity(capacity, CapacityWindow(), screen);
}

}  // namespace trialgate::cli
