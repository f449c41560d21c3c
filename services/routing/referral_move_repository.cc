#include "services/routing/referral_move_repository.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

constexpr int kScanPage = 500;

}  // namespace

absl::Status CheckNoneOpenAt(store::UnitOfWork* work, const v1::TrialRequest& request,
                             absl::string_view desk, absl::string_view except, bool may_know) {
  const std::vector<std::string> names(request.referrals().begin(), request.referrals().end());
  ABSL_ASSIGN_OR_RETURN(const auto rows, work->GetAll(Referrals(), names));
  for (const auto& row : rows) {
    if (!row.has_value() || row->value.desk() != desk || row->value.name() == except ||
        !IsOpen(row->value.state())) {
      continue;
    }
    Error error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_DESK_HAS_REFERRAL,
                absl::StrCat(desk, " has an open referral of this request already"));
    error.WithMetadata("desk", desk);
    if (may_know) error.WithMetadata("referral", row->value.name());
    return error;
  }
  return absl::OkStatus();
}

absl::StatusOr<OpenReferrals> CountOpenAtDesk(const store::UnitOfWork& work,
                                              const std::string& desk) {
  OpenReferrals counts;
  ReferralQuery query;
  query.desk = desk;
  store::PageOptions page;
  page.limit = kScanPage;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows,
                          ListReferrals(work.store(), query, page, work.read_at()));
    for (const auto& row : rows.rows) counts.Add(row.value, 1);
    page.after = rows.next;
  } while (!page.after.empty());
  return counts;
}

std::string ChosenContact(const v1::Desk& desk, const v1::TrialRequest& request,
                          const directory::DirectorySnapshot& directory,
                          const OpenReferrals& counts, absl::CivilDay today) {
  const ContactChoice choice =
      ChooseContact(desk, request.specialities(), directory, counts, today);
  return choice.contact == nullptr ? std::string() : choice.contact->name();
}

}  // namespace trialgate::routing
