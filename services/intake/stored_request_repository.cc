#include "services/intake/stored_request_repository.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/protobuf/util/time_util.h"
#include "services/feasibility/report_repository.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/resource_names.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

absl::Status Missing(const std::string& name) {
  return Error(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
               absl::StrCat(name, " is missing from the store"))
      .WithMetadata("where", name);
}

}  // namespace

absl::Status RequestNotFound(const std::string& name) {
  return routing::NotFoundError("trialgate.v1.TrialRequest", name);
}

absl::StatusOr<store::Row<v1::TrialRequest>> GetRequest(store::UnitOfWork* work,
                                                        const std::string& name) {
  if (!routing::IsTrialRequestName(name)) return RequestNotFound(name);
  ABSL_ASSIGN_OR_RETURN(auto row, work->Get(TrialRequests(), name));
  if (!row.has_value()) return RequestNotFound(name);
  return *std::move(row);
}

absl::Status CheckRequestEtag(const std::string& etag, store::CommitNumber version) {
  if (etag.empty() || etag == absl::StrCat(version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
               "the trial request has changed since: read it again, decide again")
      .WithMetadata("etag", absl::StrCat(version));
}

absl::StatusOr<std::vector<v1::Referral>> GetReferrals(store::UnitOfWork* work,
                                                       const v1::TrialRequest& request) {
  const std::vector<std::string> names(request.referrals().begin(), request.referrals().end());
  ABSL_ASSIGN_OR_RETURN(auto rows, work->GetAll(routing::Referrals(), names));
  std::vector<v1::Referral> referrals;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].has_value()) return Missing(names[i]);
    referrals.push_back(std::move(rows[i]->value));
  }
  return referrals;
}

absl::StatusOr<v1::FeasibilityReport> ReadReport(const store::Store& store,
                                                 const v1::TrialRequest& request,
                                                 store::CommitNumber as_of) {
  const std::string name = feasibility::ReportName(request.name(), request.revision());
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(store, feasibility::FeasibilityReports(), name, as_of));
  if (!row.has_value()) return Missing(name);
  return std::move(row->value);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

}  // namespace trialgate::intake
