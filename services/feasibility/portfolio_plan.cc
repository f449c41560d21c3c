#include "services/feasibility/portfolio_plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/civil_date.h"
#include "services/feasibility/criteria.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/forecast_sum.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/portfolio.h"
#include "services/feasibility/sample_use.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr double kDefaultProbability = 0.8;
constexpr int kMaxRegionsNeeded = 50;
constexpr int kMaxPerRegion = 1000;
// Of each needed region so many sites are chosen from, wherever they rank.
constexpr int kOfNeededRegion = 5;

struct Candidate {
  SiteView view;
  SiteContribution contribution;
};

class Planner {
 public:
  Planner(const v1::PlanPortfolioRequest& request, const directory::DirectorySnapshot& directory,
          absl::CivilDay today)
      : request_(request),
        directory_(directory),
        query_(PrepareQuery(request.trial_request(), directory, today)),
        months_(request.with_months() ? Months::kTold : Months::kLeftOut) {}

  v1::PlanPortfolioResponse Plan();

 private:
  void FindCandidates();
  void KeepLikeliest();
  void NameNeeded();
  PortfolioChoice Choose();
  int NumberOf(const std::string& region) {
    return regions_.emplace(region, regions_.size()).first->second;
  }
  void AddSites(const PortfolioChoice& choice);
  void AddRegions(const PortfolioChoice& choice);

  const v1::PlanPortfolioRequest& request_;
  const directory::DirectorySnapshot& directory_;
  const MatchQuery query_;
  const Months months_;

  std::vector<Candidate> candidates_;  // by name
  std::vector<PortfolioCandidate> rated_;
  std::map<std::string, int> regions_;
  std::set<std::string> needed_;  // on the day
  PortfolioGoal goal_;
  v1::PlanPortfolioResponse response_;
};

void Planner::FindCandidates() {
  if (!MatchesSites(query_.kind)) return;
  for (const auto& entry : directory_.sites()) {
    const SiteView view = ViewSite(query_, *entry);
    if (!MeetsAllCriteria(query_, view)) continue;
    candidates_.push_back({view, ContributionOf(query_, view)});
  }
  response_.set_candidates(static_cast<int>(candidates_.size()));
}

// The regions needed as they stand on the day, and those in which nobody is eligible.
void Planner::NameNeeded() {
  std::set<std::string> eligible;
  for (const Candidate& candidate : candidates_) eligible.insert(*candidate.view.region);
  std::set<std::string> without;
  for (const std::string& region : request_.regions_needed()) {
    const auto on_day = query_.region_on_day.find(region);
    const std::string& name = on_day == query_.region_on_day.end() ? region : on_day->second;
    needed_.insert(name);
    if (eligible.count(name) == 0) without.insert(region);
  }
  for (const std::string& region : without) response_.add_regions_without_site(region);
}

void Planner::KeepLikeliest() {
  if (candidates_.size() > kMaxPortfolioCandidates) {
    std::stable_sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) {
      return a.contribution.expected_patients > b.contribution.expected_patients;
    });
    std::map<std::string, int> of_region;
    std::vector<Candidate> kept;
    for (const Candidate& candidate : candidates_) {
      const std::string& region = *candidate.view.region;
      if (needed_.count(region) == 0 || of_region[region]++ >= kOfNeededRegion) continue;
      kept.push_back(candidate);
    }
    std::set<const v1::Site*> taken;
    for (const Candidate& candidate : kept) taken.insert(candidate.view.site);
    for (const Candidate& candidate : candidates_) {
      if (kept.size() >= kMaxPortfolioCandidates) break;
      if (taken.count(candidate.view.site) == 0) kept.push_back(candidate);
    }
    candidates_ = std::move(kept);
    std::sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) {
      return a.view.site->name() < b.view.site->name();
    });
  }
  response_.set_candidates_considered(static_cast<int>(candidates_.size()));
}

PortfolioChoice Planner::Choose() {
  for (const Candidate& candidate : candidates_) {
    rated_.push_back({NumberOf(*candidate.view.region), candidate.contribution});
  }
  goal_.patients_wanted = query_.patients_wanted;
  goal_.probability = request_.probability() == 0 ? kDefaultProbability : request_.probability();
  goal_.most_per_region = request_.most_per_region();
  for (const std::string& region : needed_) goal_.regions_needed.push_back(NumberOf(region));
  return ChoosePortfolio(rated_, goal_);
}

void Planner::AddSites(const PortfolioChoice& choice) {
  SampleUse sample_use;
  for (const std::size_t chosen : choice.sites) {
    const Candidate& candidate = candidates_[chosen];
    std::vector<std::size_t> others = choice.sites;
    others.erase(std::find(others.begin(), others.end(), chosen));
    ForecastSum alone(query_);
    alone.Add(candidate.view);
    v1::PortfolioSite* site = response_.add_sites();
    site->set_site(candidate.view.site->name());
    site->set_display_name(candidate.view.site->display_name());
    site->set_region(*candidate.view.region);
    site->set_expected_patients(candidate.contribution.expected_patients);
    site->set_earliest_start(FormatDate(alone.earliest_start()));
    site->set_probability_added(choice.probability -
                                PortfolioProbability(rated_, others, goal_.patients_wanted));
    *site->mutable_forecast() = alone.Forecast(months_);
    site->set_rests_on_sample(sample_use.Add(query_, candidate.view));
  }
  std::stable_sort(response_.mutable_sites()->begin(), response_.mutable_sites()->end(),
                   [](const v1::PortfolioSite& a, const v1::PortfolioSite& b) {
                     return a.probability_added() > b.probability_added();
                   });
  response_.set_rests_on_sample(sample_use.any());
  for (std::string& caveat : sample_use.Caveats()) response_.add_caveats(std::move(caveat));
}

void Planner::AddRegions(const PortfolioChoice& choice) {
  ForecastSum all(query_);
  std::map<std::string, ForecastSum> sums;
  for (const std::size_t chosen : choice.sites) {
    const SiteView& view = candidates_[chosen].view;
    all.Add(view);
    sums.try_emplace(*view.region, query_).first->second.Add(view);
  }
  *response_.mutable_forecast() = all.Forecast(months_);
  std::vector<std::pair<std::string, const ForecastSum*>> order;
  for (const auto& [name, sum] : sums) order.emplace_back(name, &sum);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second->expected_patients() > b.second->expected_patients();
  });
  for (const auto& [name, sum] : order) {
    const v1::Region* region = directory_.FindRegion(name);
    v1::RegionSummary* summary = response_.add_regions();
    summary->set_region(name);
    if (region != nullptr) summary->set_display_name(region->display_name());
    summary->set_eligible_sites(sum->sites());
    summary->set_expected_patients(FromNanoPatients(sum->expected_patients()));
    *summary->mutable_forecast() = sum->Forecast(months_);
    summary->set_p10(summary->forecast().p10());
    summary->set_p90(summary->forecast().p90());
    summary->set_earliest_start(FormatDate(sum->earliest_start()));
  }
}

v1::PlanPortfolioResponse Planner::Plan() {
  FindCandidates();
  NameNeeded();
  const std::size_t eligible = candidates_.size();
  KeepLikeliest();
  const PortfolioChoice choice = Choose();
  v1::MatchInputs* inputs = response_.mutable_inputs();
  inputs->set_directory_commit(directory_.commit());
  inputs->set_policy_version(directory_.settings().policy().version());
  inputs->set_today(FormatDate(query_.today));
  inputs->set_engine_version(kEngineVersion);
  response_.set_reached(choice.reached);
  response_.set_probability_asked(goal_.probability);
  response_.set_optimal(choice.optimal && candidates_.size() == eligible);
  AddSites(choice);
  AddRegions(choice);
  return std::move(response_);
}

}  // namespace

FieldFaults CheckPortfolio(const v1::PlanPortfolioRequest& request,
                           const directory::DirectorySnapshot& directory) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  rules.Required("trial_request.patients_wanted", request.trial_request().patients_wanted() != 0);
  const double probability = request.probability();
  // Not in this form, so that what is no number is refused, too.
  if (!(probability >= 0 && probability < 1)) {
    faults.Add("probability", v1::ERROR_REASON_OUT_OF_RANGE, "must be above 0 and below 1, or 0");
  }
  rules.Range("most_per_region", request.most_per_region(), 0, kMaxPerRegion);
  rules.References("regions_needed", request.regions_needed(), kMaxRegionsNeeded, "regions",
                   "region",
                   [&](const std::string& name) { return directory.FindRegion(name) != nullptr; });
  return faults;
}

v1::PlanPortfolioResponse PlanPortfolio(const v1::PlanPortfolioRequest& request,
                                        const directory::DirectorySnapshot& directory,
                                        absl::CivilDay today) {
  return Planner(request, directory, today).Plan();
}

}  // namespace trialgate::feasibility
