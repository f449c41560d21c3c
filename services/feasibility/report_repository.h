// Stored feasibility reports: one for each revision of a trial request, under its name.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_REPORT_REPOSITORY_H_
#define TRIALGATE_SERVICES_FEASIBILITY_REPORT_REPOSITORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "trialgate/v1/feasibility.pb.h"

namespace trialgate::feasibility {

// Keyed by `trialRequests/{id}/reports/{revision}`. Reports are written once, by the unit of work
// that stores the revision, and never change.
const store::Table<v1::FeasibilityReport>& FeasibilityReports();

// The name of the report of a revision, 1 and up, of `trial_request` ("trialRequests/{id}").
std::string ReportName(absl::string_view trial_request, int revision);

// The report of a request's newest revision as of a commit; nullopt where there is none. Errors are
// those of ScanRows.
absl::StatusOr<std::optional<v1::FeasibilityReport>> ReadNewestReport(
    const store::Store& store, absl::string_view trial_request, store::CommitNumber as_of);

// `trialRequests/{id}` of a name `trialRequests/{id}/reports/{revision}`, or of itself.
// INVALID_ARGUMENT with a fault of "name" for any other text.
absl::StatusOr<std::string> TrialRequestOfReport(const std::string& name);

// The report of this name, or the newest of this trial request, as of a commit; nullopt where there
// is none. `name` is one that TrialRequestOfReport takes.
absl::StatusOr<std::optional<v1::FeasibilityReport>> ReadReportNamed(const store::Store& store,
                                                                     const std::string& name,
                                                                     store::CommitNumber as_of);

// NOT_FOUND, in the same words whether it does not exist or may not be seen.
absl::Status ReportNotFound(const std::string& name);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_REPORT_REPOSITORY_H_
