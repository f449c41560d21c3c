// Matching: which sites could run a trial, exactly, explained, and the same again years later.
//
//   const v1::FeasibilityReport report = Match(request, revision, *directory, today);
#ifndef TRIALGATE_SERVICES_FEASIBILITY_MATCHER_H_
#define TRIALGATE_SERVICES_FEASIBILITY_MATCHER_H_

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// Raised by every change that alters any result for any input; what each version did is told in
// engine_version.h, by which stored reports of older ones are computed again.
inline constexpr int kEngineVersion = 2;

// The report of `request` over all sites of `directory`, without `name` and `referrals`, which are
// not matching's to set. A pure function: the same five inputs (MatchInputs) give the same bytes
// (SerializeReport), in whatever order the request's and the sites' lists are. `revision` is 0 for
// a request that is not stored.
//
// Kinds that look for no site (data access, ideas) give a report without sites, failures and
// levers. Requires directory.has_pack(), a policy with a default prior (alpha, beta > 0), and a
// request without faults (trial_request_validation.h).
v1::FeasibilityReport Match(const v1::TrialRequest& request, int revision,
                            const directory::DirectorySnapshot& directory, absl::CivilDay today);

// The five inputs of a report, as it states them.
v1::MatchInputs InputsOf(const MatchQuery& query, int revision,
                         const directory::DirectorySnapshot& directory);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_MATCHER_H_
