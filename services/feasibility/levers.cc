#include "services/feasibility/levers.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/time/civil_time.h"
#include "services/feasibility/lever_changes.h"

namespace trialgate::feasibility {
namespace {

// The days on which those sites could start that fail START_UP alone.
std::vector<absl::CivilDay> LateSites(const MatchQuery& query,
                                      const directory::DirectorySnapshot& directory,
                                      const std::vector<SiteOutcome>& as_it_stands) {
  std::vector<absl::CivilDay> days;
  for (std::size_t i = 0; i < as_it_stands.size(); ++i) {
    const CriterionSet& failed = as_it_stands[i].failed;
    if (failed.count() != 1 || !failed.test(v1::CRITERION_START_UP)) continue;
    days.push_back(ViewSite(query, *directory.sites()[i]).ready);
  }
  return days;
}

NetGain Weigh(const RequestChange& change, const directory::DirectorySnapshot& directory,
              absl::CivilDay today, const std::vector<SiteOutcome>& as_it_stands) {
  const MatchQuery query = PrepareQuery(change.request, directory, today);
  NetGain gain;
  int gained = 0;
  int lost = 0;
  for (std::size_t i = 0; i < directory.sites().size(); ++i) {
    const SiteOutcome& before = as_it_stands[i];
    const SiteView view = ViewSite(query, *directory.sites()[i]);
    const bool was_eligible = before.failed.none();
    const bool eligible = MeetsAllCriteria(query, view);
    if (eligible && !was_eligible) ++gained;
    if (!eligible && was_eligible) ++lost;
    if (was_eligible) gain.patients -= before.expected_patients;
    if (eligible) gain.patients += ToNanoPatients(ContributionOf(query, view).expected_patients);
  }
  gain.lever.set_kind(change.kind);
  gain.lever.set_value(change.value);
  gain.lever.set_sites_gained(gained);
  gain.lever.set_sites_lost(lost);
  return gain;
}

bool BetterLever(const NetGain& a, const NetGain& b) {
  if (a.patients != b.patients) return a.patients > b.patients;
  if (a.lever.sites_gained() != b.lever.sites_gained()) {
    return a.lever.sites_gained() > b.lever.sites_gained();
  }
  if (a.lever.kind() != b.lever.kind()) return a.lever.kind() < b.lever.kind();
  return a.lever.value() < b.lever.value();
}

}  // namespace

std::vector<v1::Lever> BestFirst(std::vector<NetGain> gains) {
  std::sort(gains.begin(), gains.end(), BetterLever);
  std::vector<v1::Lever> levers;
  levers.reserve(gains.size());
  for (NetGain& gain : gains) {
    gain.lever.set_expected_patients_gained(FromNanoPatients(gain.patients));
    levers.push_back(std::move(gain.lever));
  }
  return levers;
}

std::vector<v1::Lever> FindLevers(const v1::TrialRequest& request, const MatchQuery& query,
                                  const directory::DirectorySnapshot& directory,
                                  const std::vector<SiteOutcome>& as_it_stands) {
  std::vector<NetGain> gains;
  for (const RequestChange& change :
       ChangesTo(request, query, LateSites(query, directory, as_it_stands))) {
    NetGain gain = Weigh(change, directory, query.today, as_it_stands);
    if (gain.lever.sites_gained() > 0 || gain.patients > 0) gains.push_back(std::move(gain));
  }
  return BestFirst(std::move(gains));
}

}  // namespace trialgate::feasibility
