// A portfolio of sites for a request: who is chosen, what each adds, what they come to.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_PLAN_H_
#define TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_PLAN_H_

#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/feasibility_service.pb.h"

namespace trialgate::feasibility {

// Of more candidates those with most expected patients are chosen from, besides some of each region
// that is needed.
inline constexpr int kMaxPortfolioCandidates = 500;

// The faults of what a portfolio is asked for, besides those of its trial request.
FieldFaults CheckPortfolio(const v1::PlanPortfolioRequest& request,
                           const directory::DirectorySnapshot& directory);

// The portfolio of a request without faults. A pure function, as Match; requires what that does.
v1::PlanPortfolioResponse PlanPortfolio(const v1::PlanPortfolioRequest& request,
                                        const directory::DirectorySnapshot& directory,
                                        absl::CivilDay today);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_PORTFOLIO_PLAN_H_
