#include "services/feasibility/report_repository.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

// Part of a resource name: letters, digits, hyphens.
bool IsIdLike(const std::string& part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return c == '-' || absl::ascii_isalnum(static_cast<unsigned char>(c));
  });
}

}  // namespace

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

absl::StatusOr<std::string> TrialRequestOfReport(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  const bool good = std::all_of(parts.begin(), parts.end(), IsIdLike) &&
                    name.size() <= kMaxNameBytes && parts[0] == "trialRequests" &&
                    (parts.size() == 2 || (parts.size() == 4 && parts[2] == "reports"));
  if (good) return absl::StrCat("trialRequests/", parts[1]);
  FieldFaults faults;
  faults.Add("name", v1::ERROR_REASON_INVALID_FORMAT,
             "must be trialRequests/{id} or trialRequests/{id}/reports/{revision}");
  return faults.ToStatus();
}

absl::StatusOr<std::optional<v1::FeasibilityReport>> ReadReportNamed(const store::Store& store,
                                                                     const std::string& name,
                                                                     store::CommitNumber as_of) {
  ABSL_ASSIGN_OR_RETURN(const std::string trial_request, TrialRequestOfReport(name));
  if (name == trial_request) return ReadNewestReport(store, trial_request, as_of);
  ABSL_ASSIGN_OR_RETURN(auto row, store::ReadRow(store, FeasibilityReports(), name, as_of));
  if (!row.has_value()) return std::nullopt;
  return std::move(row->value);
}

absl::Status ReportNotFound(const std::string& name) {
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat("there is no report ", name))
      .WithResource("trialgate.v1.FeasibilityReport", name);
}

}  // namespace trialgate::feasibility
