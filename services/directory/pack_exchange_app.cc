#include "services/directory/pack_exchange_app.h"

#include <memory>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_repository.h"
#include "services/directory/pack.h"
#include "services/directory/pack_diff.h"
#include "services/directory/pack_export.h"
#include "services/directory/pack_of.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {

absl::StatusOr<v1::DiffPackResponse> PackExchangeApp::DiffPack(
    const v1::Principal& principal, const v1::DiffPackRequest& request) const {
  Faults faults;
  const JoinedPack joined = LoadPack(request.files(), request.allow_sample(), &faults);
  if (!faults.empty()) return FaultsError(faults);
  const store::CommitNumber as_of = store_->Head();
  // What would be refused is refused, in the same words.
  ABSL_ASSIGN_OR_RETURN(const PackOutcome outcome, app_->CheckPackAt(principal, joined, as_of));
  ABSL_ASSIGN_OR_RETURN(const auto before, ReadDirectory(*store_, *keys_, as_of));
  ABSL_ASSIGN_OR_RETURN(const auto open, referrals_->ReadOpen(*store_, as_of));
  v1::DiffPackResponse response = DiffRecords(*before, outcome.applied, joined.pack);
  const auto after = WithPack(*before, outcome.applied);
  AddImpacts(*before, *after, open, absl::ToCivilDay(clock_->Now(), after->time_zone()), &response);
  response.set_commit(as_of);
  return response;
}

absl::StatusOr<v1::ExportPackResponse> PackExchangeApp::ExportPack(
    const v1::ExportPackRequest& request) const {
  const store::CommitNumber as_of = store_->Head();
  ABSL_ASSIGN_OR_RETURN(const auto directory, ReadDirectory(*store_, *keys_, as_of));
  if (!directory->has_pack()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
                 "no country's pack was applied yet: there is nothing to export");
  }
  ABSL_ASSIGN_OR_RETURN(PackExport exported,
                        directory::ExportPack(PackOf(*directory), request.include_sample()));
  v1::ExportPackResponse response;
  *response.mutable_files() = std::move(exported.files);
  response.set_holds_sample(exported.holds_sample);
  response.set_commit(as_of);
  return response;
}

}  // namespace trialgate::directory
