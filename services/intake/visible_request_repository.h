// Which requests a principal may see at all: the one place where that is decided.
#ifndef TRIALGATE_SERVICES_INTAKE_VISIBLE_REQUEST_REPOSITORY_H_
#define TRIALGATE_SERVICES_INTAKE_VISIBLE_REQUEST_REPOSITORY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/table.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

struct VisibleRequest {
  // The record, not a view of it: trial_request_view_repository.h makes those.
  store::Row<v1::TrialRequest> row;
  // Of coordinators: the referrals at their desks, at least one unless they submitted it; otherwise
  // none are read.
  std::vector<v1::Referral> own_referrals;
  // Whether it is a person's idea that a desk of the coordinator submitted: it stands in the place
  // of the requester.
  bool submitted_here = false;
};

// The request `name` as of a commit, if the principal sees it: a requester those of its
// organization, a coordinator those with a referral at one of its desks and the ideas of persons
// that one of them submitted, a national coordinator all. NOT_FOUND for any other and for what does
// not exist, with the same words and after the same reads of the store. Errors besides are those of
// Store::Get.
absl::StatusOr<VisibleRequest> FindVisibleRequest(const store::Store& store,
                                                  const v1::Principal& principal,
                                                  const std::string& name,
                                                  store::CommitNumber as_of);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_VISIBLE_REQUEST_REPOSITORY_H_
