// A directory and a request that never change: reports of them are kept for each engine version.
#ifndef TRIALGATE_TESTS_UNIT_FEASIBILITY_GOLDEN_WORLD_H_
#define TRIALGATE_TESTS_UNIT_FEASIBILITY_GOLDEN_WORLD_H_

#include <memory>

#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// Sixty sites in all regions of the fixture's country, with near misses of each criterion.
std::shared_ptr<const directory::DirectorySnapshot> GoldenDirectory();

// A request of phase 2/3 for all of two specialities in two regions.
v1::TrialRequest GoldenRequest();

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_TESTS_UNIT_FEASIBILITY_GOLDEN_WORLD_H_
