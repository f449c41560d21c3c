// Who is asked: for each eligible site the desk that answers, those that are informed, the contact,
// and why. A pure function of what it is given.
//
// Rules of the pack are tried in order; the first that applies and leads to a desk wins for the
// site. Sites are merged by desk. Where no site is eligible, or no rule leads to a desk, the
// secretariat is asked.
//
// Which desk stands for a rule's desk is decided on the sending day, as it answers now: itself
// while valid, once ended its successor; where nobody does, the next rule is tried. The site's
// regional desk is the one of the site's region on the earliest first-patient-in date, or who
// stands for it on the sending day. Where that desk has yet to begin, nobody there could answer
// today: then it is the desk that answers for the site's region on the sending day (the region that
// will be merged), and the open referral moves to the successor when that begins, as every open
// referral of a desk that ends does.
#ifndef TRIALGATE_SERVICES_ROUTING_ROUTING_PLAN_H_
#define TRIALGATE_SERVICES_ROUTING_ROUTING_PLAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/directory_snapshot.h"
#include "services/routing/open_referrals.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/organization.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// Stand among a planned referral's rules where no rule of the pack led there.
inline constexpr absl::string_view kNoEligibleSiteRule = "no-eligible-site";
inline constexpr absl::string_view kNoDeskRule = "no-desk";

// The referrals of `request`, a valid one, by the names of the desks. `eligible` is that of its
// report, best score first, its sites in `directory`. `requester` is who asks. `sending_day` is the
// date of sending in the country's time zone. Sites of a referral keep the order of `eligible`.
//
// Requires directory.has_pack(). FAILED_PRECONDITION (DANGLING_REFERENCE; metadata desk): the
// secretariat is needed, and neither the desk that the pack names nor a successor is valid on the
// sending day.
absl::StatusOr<std::vector<v1::PlannedReferral>> PlanReferrals(
    const v1::TrialRequest& request, const v1::Organization& requester,
    const google::protobuf::RepeatedPtrField<v1::EligibleSite>& eligible,
    const directory::DirectorySnapshot& directory, const OpenReferrals& open_referrals,
    absl::CivilDay sending_day);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_ROUTING_PLAN_H_
