// The one national answer: every site asked about with what came of it, every desk, and a forecast
// over the offers. A pure function of what it is given.
#ifndef TRIALGATE_SERVICES_INTAKE_COLLATED_ANSWER_H_
#define TRIALGATE_SERVICES_INTAKE_COLLATED_ANSWER_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// What desks that have not answered noted so far: the lines of their work, by the referral's name.
using WorkLines = std::map<std::string, std::vector<v1::ReferralSite>>;

// The answer to `request` as its `referrals` stand, without name, version and time.
//
// Of a referral that is open or has LAPSED, what its `lines` say of a site is provisional: not in
// the forecast, and nothing is held for it. Internal notes are never part of it.
//
// Sites come in the order of the report, then those that desks added, in the order of the desks'
// names and of each one's offers; a site that two desks offer comes once for each. The forecast is
// that over the sites offered by the report's rule, as of `today`: a site counts from the later of
// the earliest first patient in and `today` + its start-up days, whatever start it offers, so that
// it compares with the report's. A site that is offered and no longer in `directory` adds nothing
// to it, and its claim is worth nothing. Provisional: a desk has still to answer, or did not in its
// time.
v1::CollatedAnswer CollateAnswer(const v1::TrialRequest& request,
                                 const v1::FeasibilityReport& report,
                                 std::vector<v1::Referral> referrals, const WorkLines& lines,
                                 const directory::DirectorySnapshot& directory,
                                 absl::CivilDay today);

// Whether a referral in `state` has no answer yet, and may have one.
bool IsUnanswered(v1::ReferralState state);

// Orders the sites of `answer` as `report`, which may be a view, has them; the rest stay behind.
void OrderLines(const v1::FeasibilityReport& report, v1::CollatedAnswer* answer);

// One site offered in an answer.
struct OfferedSite {
  std::string site;
  std::string referral;
  friend bool operator==(const OfferedSite&, const OfferedSite&) = default;
  friend bool operator<(const OfferedSite& a, const OfferedSite& b) {
    return std::tie(a.site, a.referral) < std::tie(b.site, b.referral);
  }
};

// The offers of `answer` that may be selected, in its order: those that are not provisional.
std::vector<OfferedSite> OffersOf(const v1::CollatedAnswer& answer);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_COLLATED_ANSWER_H_
