// Levers: one change to a request, matched again, so that what it brings is net.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_LEVERS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_LEVERS_H_

#include <vector>

#include "services/directory/directory_snapshot.h"
#include "services/feasibility/criteria.h"
#include "services/feasibility/forecast.h"
#include "services/feasibility/match_query.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// What matching found of one site.
struct SiteOutcome {
  // The criteria that it fails; none: it is eligible.
  CriterionSet failed;
  // Of an eligible site; else of no meaning.
  NanoPatients expected_patients;
};

// A lever but for the patients that it brings, and those.
struct NetGain {
  v1::Lever lever;
  NanoPatients patients = 0;
};

// The levers of `gains`, best first: patients gained, then sites gained, then kind and value.
std::vector<v1::Lever> BestFirst(std::vector<NetGain> gains);

// The levers that bring a site or patients, best first. `query` is PrepareQuery of `request`;
// `as_it_stands` is what matching it found, in the order of directory.sites().
std::vector<v1::Lever> FindLevers(const v1::TrialRequest& request, const MatchQuery& query,
                                  const directory::DirectorySnapshot& directory,
                                  const std::vector<SiteOutcome>& as_it_stands);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_LEVERS_H_
