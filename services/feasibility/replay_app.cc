#include "services/feasibility/replay_app.h"

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_repository.h"
#include "services/feasibility/engine_version.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "services/feasibility/report_difference.h"
#include "services/feasibility/report_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr std::size_t kMostFields = 100;

absl::Status Missing(const std::string& what) {
  return Error(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
               absl::StrCat(what, " is missing from the store"))
      .WithMetadata("where", what);
}

absl::Status UnknownVersion(int version) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_UNKNOWN_ENGINE_VERSION,
               absl::StrCat("the report is of engine version ", version,
                            ", which this program does not have"))
      .WithMetadata("engine_version", absl::StrCat(version));
}

v1::ReplayFeasibilityReportResponse Compare(const v1::FeasibilityReport& stored,
                                            const v1::FeasibilityReport& computed) {
  v1::ReplayFeasibilityReportResponse response;
  const std::string stored_bytes = SerializeReport(stored);
  const std::string computed_bytes = SerializeReport(computed);
  const v1::MatchInputs& inputs = stored.inputs();
  response.set_name(stored.name());
  response.set_same(stored_bytes == computed_bytes);
  for (std::string& path : DifferingFields(stored, computed, kMostFields)) {
    response.add_differing_fields(std::move(path));
  }
  response.set_stored_sha256(Sha256Hex(stored_bytes));
  response.set_computed_sha256(Sha256Hex(computed_bytes));
  response.set_request_revision(inputs.request_revision());
  response.set_directory_commit(inputs.directory_commit());
  response.set_policy_version(inputs.policy_version());
  response.set_today(inputs.today());
  response.set_engine_version(inputs.engine_version());
  return response;
}

}  // namespace

absl::StatusOr<v1::ReplayFeasibilityReportResponse> ReplayApp::Replay(
    const v1::ReplayFeasibilityReportRequest& request) const {
  const store::CommitNumber head = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const std::string trial_request, TrialRequestOfReport(request.name()));
  ABSL_ASSIGN_OR_RETURN(std::optional<v1::FeasibilityReport> stored,
                        ReadReportNamed(*store_, request.name(), head));
  if (!stored.has_value()) return ReportNotFound(request.name());
  const v1::MatchInputs& inputs = stored->inputs();
  ABSL_ASSIGN_OR_RETURN(const std::optional<v1::TrialRequest> revision,
                        revisions_(trial_request, inputs.request_revision(), head));
  const auto today = ParseDate(inputs.today());
  if (!revision.has_value() || !today.ok()) return Missing(stored->name());
  if (inputs.directory_commit() < 1 || inputs.directory_commit() > head) {
    return Missing(absl::StrCat("commit ", inputs.directory_commit()));
  }
  ABSL_ASSIGN_OR_RETURN(const auto directory,
                        directory::ReadDirectory(*store_, *keys_, inputs.directory_commit()));
  if (!directory->has_pack()) return Missing(directory::kSettingsKey);
  v1::FeasibilityReport computed = Match(*revision, inputs.request_revision(), *directory, *today);
  if (!ToEngineVersion(inputs.engine_version(), &computed)) {
    return UnknownVersion(inputs.engine_version());
  }
  computed.set_name(stored->name());
  // The snapshot is of the last commit that changed the directory, or of this one.
  computed.mutable_inputs()->set_directory_commit(inputs.directory_commit());
  stored->clear_referrals();
  return Compare(*stored, computed);
}

}  // namespace trialgate::feasibility
