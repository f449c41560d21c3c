// A trial request made ready for testing many sites: dates parsed, lists sorted, regions mapped to
// the day, the policy's numbers chosen.
//
//   const MatchQuery query = PrepareQuery(request, *directory, today);
//   for (const auto& entry : directory->sites()) Use(ViewSite(query, *entry));
#ifndef TRIALGATE_SERVICES_FEASIBILITY_MATCH_QUERY_H_
#define TRIALGATE_SERVICES_FEASIBILITY_MATCH_QUERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/window.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

// Lists hold each value once; lists of texts ascend bytewise.
struct MatchQuery {
  absl::CivilDay today;
  // First-patient-in dates; no latest: any day will do.
  absl::CivilDay earliest;
  std::optional<absl::CivilDay> latest;
  Window window;

  v1::TrialKind kind = v1::TRIAL_KIND_UNSPECIFIED;
  // The single phases that a site must run, in the order of the combined one; none: phases do not
  // apply.
  std::vector<v1::Phase> phases;
  std::vector<std::string> specialities;
  bool all_specialities = false;
  std::vector<v1::AgeGroup> age_groups;
  std::vector<std::string> required_capabilities;
  std::vector<std::string> preferred_capabilities;
  absl::flat_hash_set<std::string> already_contacted;

  // Whether any region was named, valid or not, and those that they stand for on `earliest`.
  bool wants_regions = false;
  std::vector<std::string> regions_wanted;
  bool prefers_regions = false;
  std::vector<std::string> regions_preferred;
  // The region that each region stands for on `earliest`; without those that stand for none.
  absl::flat_hash_map<std::string, std::string> region_on_day;

  std::int64_t patients_wanted = 0;
  int sites_wanted = 0;

  // Of the policy.
  v1::ScoreWeights weights;
  double prior_alpha = 0;
  double prior_beta = 0;
  int default_start_up_days = 0;
};

// A site as a query sees it. Points into the query and the directory.
struct SiteView {
  const v1::Site* site;
  const v1::SiteCapacity* capacity;
  // Its region on the earliest first-patient-in date; null where none is valid.
  const std::string* region;
  // The first day on which it could recruit: today + median start-up days.
  absl::CivilDay ready;
  // Median; the policy's default where the site declares none.
  int start_up_days;
};

// Requires directory.has_pack(), a policy with a default prior, and a request without faults
// (trial_request_validation.h); dates that cannot be read count as `today` and as no latest date.
MatchQuery PrepareQuery(const v1::TrialRequest& request,
                        const directory::DirectorySnapshot& directory, absl::CivilDay today);

// `query` and `entry` outlive the view.
SiteView ViewSite(const MatchQuery& query, const directory::SiteEntry& entry);

// Whether a request of this kind looks for sites; data access and ideas do not.
bool MatchesSites(v1::TrialKind kind);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_MATCH_QUERY_H_
