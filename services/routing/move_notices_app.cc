#include "services/routing/move_notices_app.h"

#include "common/base/status_macros.h"

namespace trialgate::routing {

absl::Status TellTaker(storage::v1::NoticeKind kind, const v1::Referral& referral,
                       notices::NoticeWriter* notices) {
  ABSL_RETURN_IF_ERROR(notices->Add(kind, referral.desk(), referral.name()));
  if (referral.contact().empty()) return absl::OkStatus();
  return notices->Add(kind, referral.contact(), referral.name());
}

}  // namespace trialgate::routing
