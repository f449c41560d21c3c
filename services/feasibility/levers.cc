#include "services/feasibility/levers.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "services/feasibility/criteria.h"
#include "services/feasibility/match_query.h"

namespace trialgate::feasibility {
namespace {

struct NetGain {
  v1::Lever lever;
  NanoPatients patients = 0;
};

v1::TrialRequest WithoutCapability(v1::TrialRequest request, const std::string& capability) {
  auto* required = request.mutable_required_capabilities();
  required->erase(std::remove(required->begin(), required->end(), capability), required->end());
  return request;
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
    const bool eligible = MeetsAllCriteria(query, view);
    if (eligible && !before.eligible) ++gained;
    if (!eligible && before.eligible) ++lost;
    if (before.eligible) gain.patients -= before.expected_patients;
    if (eligible) {
      gain.patients += ToNanoPatients(ContributionOf(query, view).expected_patients);
    }
  }
  gain.lever.set_kind(change.kind);
  gain.lever.set_value(change.value);
  gain.lever.set_sites_gained(gained);
  gain.lever.set_sites_lost(lost);
  gain.lever.set_expected_patients_gained(FromNanoPatients(gain.patients));
  return gain;
}

// Patients gained, then sites gained, then kind and value.
bool BetterLever(const NetGain& a, const NetGain& b) {
  if (a.patients != b.patients) return a.patients > b.patients;
  if (a.lever.sites_gained() != b.lever.sites_gained()) {
    return a.lever.sites_gained() > b.lever.sites_gained();
  }
  if (a.lever.kind() != b.lever.kind()) return a.lever.kind() < b.lever.kind();
  return a.lever.value() < b.lever.value();
}

}  // namespace

std::vector<RequestChange> ChangesTo(const v1::TrialRequest& request) {
  std::vector<RequestChange> changes;
  const std::set<std::string> required(request.required_capabilities().begin(),
                                       request.required_capabilities().end());
  for (const std::string& capability : required) {
    changes.push_back(
        {v1::LEVER_KIND_DROP_CAPABILITY, capability, WithoutCapability(request, capability)});
  }
  return changes;
}

std::vector<v1::Lever> FindLevers(const v1::TrialRequest& request,
                                  const directory::DirectorySnapshot& directory,
                                  absl::CivilDay today,
                                  const std::vector<SiteOutcome>& as_it_stands) {
  std::vector<NetGain> gains;
  for (const RequestChange& change : ChangesTo(request)) {
    NetGain gain = Weigh(change, directory, today, as_it_stands);
    if (gain.lever.sites_gained() > 0 || gain.patients > 0) gains.push_back(std::move(gain));
  }
  std::sort(gains.begin(), gains.end(), BetterLever);
  std::vector<v1::Lever> levers;
  levers.reserve(gains.size());
  for (NetGain& gain : gains) levers.push_back(std::move(gain.lever));
  return levers;
}

}  // namespace trialgate::feasibility
