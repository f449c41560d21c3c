#include "services/feasibility/report_repository.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace trialgate::feasibility {

const store::Table<v1::FeasibilityReport>& FeasibilityReports() {
  static const auto* const kTable =
      new store::Table<v1::FeasibilityReport>(store::TableId::TABLE_ID_FEASIBILITY_REPORT);
  return *kTable;
}

std::string ReportName(absl::string_view trial_request, int revision) {
  return absl::StrCat(trial_request, "/reports/", revision);
}

absl::StatusOr<std::optional<v1::FeasibilityReport>> ReadNewestReport(
    const store::Store& store, absl::string_view trial_request, store::CommitNumber as_of) {
  std::optional<v1::FeasibilityReport> newest;
  store::PageOptions page;
  page.prefix = absl::StrCat(trial_request, "/reports/");
  do {
    ABSL_ASSIGN_OR_RETURN(auto rows, store::ScanRows(store, FeasibilityReports(), page, as_of));
    for (auto& row : rows.rows) {
      // Names ascend as texts, in which revision 10 comes before 9.
      const int revision = row.value.inputs().request_revision();
      if (newest.has_value() && revision < newest->inputs().request_revision()) continue;
      newest = std::move(row.value);
    }
    page.after = std::move(rows.next);
  } while (!page.after.empty());
  return newest;
}

}  // namespace trialgate::feasibility
