// How many trials of each phase each site of a pack has run, counted from study registries.
//
//   const Counting counting = CountExperience(trials, pack, places, as_of);
//   counting.experience["sites/ouh-urology"][v1::PHASE_PHASE3];
#ifndef TRIALGATE_TOOLS_REGISTRY_EXPERIENCE_H_
#define TRIALGATE_TOOLS_REGISTRY_EXPERIENCE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "tools/registry/places.h"
#include "tools/registry/registered_trial.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::registry {

inline constexpr int kYears = 5;

// A trial, with the sites that ran it.
struct PlacedTrial {
  const RegisteredTrial* trial;
  // Its numbers, those of further records of it too.
  std::set<std::string> ids;
  // Single phases; PHASE_NOT_APPLICABLE where none applies.
  std::vector<v1::Phase> phases;
  // Each once, ascending.
  std::vector<std::string> sites;
};

// A place of a trial at which no site was found.
struct Unplaced {
  std::string trial;
  std::string title;
  std::string reason;
};

struct Placing {
  // In the order of the trials, those without any site too.
  std::vector<PlacedTrial> trials;
  std::vector<Unplaced> unplaced;
};

// Trials by site and phase; what has none is absent.
using Experience = std::map<std::string, std::map<v1::Phase, int>>;

// Finds the sites of each trial, a pure function. At a hospital that is the site of the department
// that the place names; else those of the specialities that the study record points to
// (services/intake). Of several sites of one speciality at a hospital the trial is counted at the
// first: departments before other units, then by name. Of records that share a number the first is
// taken, and the places of the others are added to it. `trials` outlive the result.
Placing PlaceTrials(const std::vector<RegisteredTrial>& trials, const v1::Pack& pack,
                    const Places& places);

// Whether a trial was run in the kYears years before `as_of`, as far as was known then: registered
// (else started) on that day or before, and not completed before the first day of those years.
// Without a date of completion the start counts.
bool RanBefore(const RegisteredTrial& trial, absl::CivilDay as_of);

// Counts those of `trials` that RanBefore(as_of), but for the trial that has any of the numbers
// `without`.
Experience CountExperience(const std::vector<PlacedTrial>& trials, absl::CivilDay as_of,
                           const std::vector<std::string>& without = {});

// The file of a pack, JSON, that lays `experience` over the sites as values with source IMPORTED
// and the date. The same experience gives the same bytes. Phases that do not apply are left out:
// the directory counts by phase.
std::string ExperienceFile(const Experience& experience, absl::CivilDay as_of);

}  // namespace trialgate::registry

#endif  // TRIALGATE_TOOLS_REGISTRY_EXPERIENCE_H_
