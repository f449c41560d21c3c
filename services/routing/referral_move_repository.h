// What is stored of referrals and decides where one may go, and to whom.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_MOVE_REPOSITORY_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_MOVE_REPOSITORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/store/unit_of_work.h"
#include "services/directory/directory_snapshot.h"
#include "services/routing/contact_choice.h"
#include "services/routing/open_referrals.h"
#include "services/routing/referral_move.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// FAILED_PRECONDITION (DESK_HAS_REFERRAL): `desk` has an open referral of `request`, by whatever
// name but `except`; says which to who `may_know` it. Reads all of the request's referrals,
// guarded, so that of two that bring one there at once the second finds the first.
absl::Status CheckNoneOpenAt(store::UnitOfWork* work, const v1::TrialRequest& request,
                             absl::string_view desk, absl::string_view except, bool may_know);

// How many open referrals lie with whom at `desk`, as of what `work` reads; not guarded: whose are
// fewest is no promise.
absl::StatusOr<OpenReferrals> CountOpenAtDesk(const store::UnitOfWork& work,
                                              const std::string& desk);

// The contact who is asked at `desk` for `request`, as at routing (contact_choice.h); empty: there
// is nobody.
std::string ChosenContact(const v1::Desk& desk, const v1::TrialRequest& request,
                          const directory::DirectorySnapshot& directory,
                          const OpenReferrals& counts, absl::CivilDay today);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_MOVE_REPOSITORY_H_
