// Levers: one change to a request, matched again, so that what it brings is net.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_LEVERS_H_
#define TRIALGATE_SERVICES_FEASIBILITY_LEVERS_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/forecast.h"
#include "trialgate/v1/feasibility.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// A request that differs from another in one thing.
struct RequestChange {
  v1::LeverKind kind;
  std::string value;  // as in v1::Lever
  v1::TrialRequest request;
};

// What matching found of one site.
struct SiteOutcome {
  bool eligible;
  NanoPatients expected_patients;
};

// Every change to `request` that is tried: each required capability dropped.
std::vector<RequestChange> ChangesTo(const v1::TrialRequest& request);

// The levers that bring a site or patients, best first. `as_it_stands` is what matching `request`
// found, in the order of directory.sites().
std::vector<v1::Lever> FindLevers(const v1::TrialRequest& request,
                                  const directory::DirectorySnapshot& directory,
                                  absl::CivilDay today,
                                  const std::vector<SiteOutcome>& as_it_stands);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_LEVERS_H_
