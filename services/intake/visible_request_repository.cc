#include "services/intake/visible_request_repository.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/intake/blinding.h"
#include "services/intake/stored_request_repository.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/resource_names.h"

namespace trialgate::intake {
namespace {

// The referrals of the request at the principal's desks.
absl::StatusOr<std::vector<v1::Referral>> OwnReferrals(
    const store::Store& store, const v1::Principal& principal,
    const std::optional<store::Row<v1::TrialRequest>>& row, const std::string& name,
    store::CommitNumber as_of) {
  // A request that is not there is looked into as well, under a name that no referral has: how
  // often the store is read must not tell that one is there.
  std::vector<std::string> names = {absl::StrCat(name, "/referrals/-")};
  if (row.has_value()) {
    names.assign(row->value.referrals().begin(), row->value.referrals().end());
  }
  ABSL_ASSIGN_OR_RETURN(auto referrals, ReadRows(store, routing::Referrals(), names, as_of));
  std::vector<v1::Referral> own;
  for (auto& referral : referrals) {
    if (referral.has_value() && IsAt(principal, referral->value.desk())) {
      own.push_back(std::move(referral->value));
    }
  }
  return own;
}

}  // namespace

absl::StatusOr<VisibleRequest> FindVisibleRequest(const store::Store& store,
                                                  const v1::Principal& principal,
                                                  const std::string& name,
                                                  store::CommitNumber as_of) {
  if (!routing::IsTrialRequestName(name)) return RequestNotFound(name);
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(store, TrialRequests(), name, as_of));
  bool visible = false;
  bool submitted_here = false;
  std::vector<v1::Referral> own;
  switch (principal.role()) {
    case v1::ROLE_NATIONAL:
      visible = true;
      break;
    case v1::ROLE_REQUESTER:
      visible = row.has_value() && !principal.organization().empty() &&
                principal.organization() == row->value.requester();
      break;
    case v1::ROLE_COORDINATOR: {
      ABSL_ASSIGN_OR_RETURN(own, OwnReferrals(store, principal, row, name, as_of));
      submitted_here = row.has_value() && IsSubmittedBy(principal, row->value);
      visible = submitted_here || !own.empty();
      break;
    }
    default:
      break;
  }
  if (!visible || !row.has_value()) return RequestNotFound(name);
  return VisibleRequest{*std::move(row), std::move(own), submitted_here};
}

}  // namespace trialgate::intake
