#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

using v1::VariantSummary;

std::string Signed(long long number) { return absl::StrCat(number > 0 ? "+" : "", number); }

// "12 (+3)": how it differs from the first; nothing in brackets of the first itself.
std::string With(const VariantSummary& variant, const std::string& value,
                 const std::string& difference) {
  return variant.has_difference() ? absl::StrCat(value, " (", difference, ")") : value;
}

std::string Sites(const VariantSummary& variant) {
  return With(variant, absl::StrCat(variant.eligible_count()),
              absl::StrCat("+", variant.difference().sites_gained(), " -",
                           variant.difference().sites_lost()));
}

std::string Patients(const VariantSummary& variant) {
  const double more = variant.difference().expected_patients();
  return With(variant, Decimal(variant.expected_patients()),
              absl::StrCat(more > 0 ? "+" : "", Decimal(more)));
}

std::string P50(const VariantSummary& variant) {
  return With(variant, absl::StrCat(variant.forecast().p50()), Signed(variant.difference().p50()));
}

std::string Probability(const VariantSummary& variant) {
  const double more = variant.difference().probability();
  return With(variant, Percent(variant.forecast().probability()),
              absl::StrCat(more > 0 ? "+" : "", Decimal(100 * more), " points"));
}

std::string Start(const VariantSummary& variant) {
  if (variant.earliest_start().empty()) return "–";
  return With(variant, variant.earliest_start(),
              Signed(variant.difference().start_days()) + " days");
}

std::string TopSites(const VariantSummary& variant) {
  std::string lines;
  for (const v1::EligibleSite& site : variant.top_sites()) {
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", Decimal(site.score()), " ", Id(site.site()));
  }
  return lines;
}

std::string Failed(const VariantSummary& variant) {
  std::string lines;
  for (const v1::CriterionCount& count : variant.failed()) {
    if (count.sites() == 0) continue;
    absl::StrAppend(&lines, lines.empty() ? "" : "\n", Word(count.criterion()), " ", count.sites());
  }
  return lines;
}

std::string Date(const std::string& date) { return date.empty() ? "–" : date; }

// What a row says of each variant.
struct Row {
  const char* label;
  std::function<std::string(const VariantSummary&)> value;
};

std::vector<Row> Rows() {
  return {
      {"eligible", Sites},
      {"near misses", [](const auto& v) { return absl::StrCat(v.near_miss_count()); }},
      {"expected", Patients},
      {"P10", [](const auto& v) { return absl::StrCat(v.forecast().p10()); }},
      {"P50", P50},
      {"P90", [](const auto& v) { return absl::StrCat(v.forecast().p90()); }},
      {"probability", Probability},
      {"50% by", [](const auto& v) { return Date(v.forecast().date_p50()); }},
      {"90% by", [](const auto& v) { return Date(v.forecast().date_p90()); }},
      {"starts", Start},
      {"best sites", TopSites},
      {"fail", Failed},
  };
}

// A table of the variants from `first` to before `last`.
Table Beside(const v1::CompareTrialRequestsResponse& compared, int first, int last) {
  std::vector<Column> columns = {{"", Overflow::kWrap}};
  for (int i = first; i < last; ++i) {
    columns.push_back({Clean(compared.variants(i).label()), Overflow::kWrap});
  }
  Table table(std::move(columns));
  for (const Row& row : Rows()) {
    std::vector<Cell> cells = {row.label};
    for (int i = first; i < last; ++i) cells.emplace_back(row.value(compared.variants(i)));
    table.AddRow(std::move(cells));
  }
  return table;
}

// How many variants stand side by side without dates being broken.
int Most(const Screen& screen) {
  constexpr int kLabelColumns = 13;
  constexpr int kVariantColumns = 22;
  return std::max(1, (TableWidth(screen) - kLabelColumns) / kVariantColumns);
}

}  // namespace

std::string RenderVariants(const v1::CompareTrialRequestsResponse& compared, const Screen& screen) {
  Page page(screen);
  if (std::any_of(compared.variants().begin(), compared.variants().end(),
                  [](const VariantSummary& variant) { return variant.rests_on_sample(); })) {
    page.Words("! This rests on SAMPLE values, invented to show how the program works.");
  }
  page.Heading("Variants side by side; in brackets compared with the first");
  const int most = Most(screen);
  for (int first = 0; first < compared.variants_size(); first += most) {
    if (first > 0) page.Line({});
    page.Add(Beside(compared, first, std::min(first + most, compared.variants_size())));
  }
  return page.Take();
}

}  // namespace trialgate::cli
