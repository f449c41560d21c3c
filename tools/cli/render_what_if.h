// Screens of what-ifs: variants side by side, portfolios, recruitment month by month, replays. Pure
// functions; no line is wider than the screen, whatever the message holds.
#ifndef TRIALGATE_TOOLS_CLI_RENDER_WHAT_IF_H_
#define TRIALGATE_TOOLS_CLI_RENDER_WHAT_IF_H_

#include <string>

#include "tools/cli/page.h"
#include "trialgate/v1/feasibility_service.pb.h"

namespace trialgate::cli {

// A column for each variant, and how it differs from the first (render_variants.cc).
std::string RenderVariants(const v1::CompareTrialRequestsResponse& compared, const Screen& screen);

std::string RenderPortfolio(const v1::PlanPortfolioResponse& plan, long long patients_wanted,
                            const Screen& screen);

std::string RenderReplay(const v1::ReplayFeasibilityReportResponse& replayed, const Screen& screen);

// The forecast of a report over all eligible sites, with its months.
std::string RenderForecast(const v1::FeasibilityReport& report, long long patients_wanted,
                           const Screen& screen);

// Patients month by month, drawn with signs alone: the band from P10 to P90, the median in it, and
// the patients wanted. Nothing where the forecast has no months.
void AddPlot(const v1::Forecast& forecast, long long patients_wanted, const Screen& screen,
             Page* page);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_RENDER_WHAT_IF_H_
