// The changes to a request that are tried as levers: each kind of v1::LeverKind, with its values.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_LEVER_CHANGES_H_
#define TRIALGATE_SERVICES_FEASIBILITY_LEVER_CHANGES_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// How many dates are tried to which the latest first patient in could move.
inline constexpr std::size_t kLatestDatesTried = 3;
// By how many months recruitment is tried to start later: 1 to this.
inline constexpr int kMonthsLaterTried = 3;

// A request that differs from another in one thing.
struct RequestChange {
  v1::LeverKind kind;
  std::string value;  // as in v1::Lever
  v1::TrialRequest request;
};

// Every change to `request` that is tried, each kind and value once, by kind and then value or
// date. `query` is PrepareQuery of the request; `late_sites` are the days on which those sites
// could start that fail START_UP alone, in any order.
std::vector<RequestChange> ChangesTo(const v1::TrialRequest& request, const MatchQuery& query,
                                     std::vector<absl::CivilDay> late_sites);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_LEVER_CHANGES_H_
