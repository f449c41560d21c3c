#include "tools/registry/experience.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "services/intake/study_record.h"

namespace trialgate::registry {
namespace {

constexpr char kOrigin[] =
    "counted in ClinicalTrials.gov and EUCTR records of Danish sites and Danish-led trials";

std::vector<v1::Phase> SinglePhases(v1::Phase phase) {
  switch (phase) {
    case v1::PHASE_PHASE1_PHASE2:
      return {v1::PHASE_PHASE1, v1::PHASE_PHASE2};
    case v1::PHASE_PHASE2_PHASE3:
      return {v1::PHASE_PHASE2, v1::PHASE_PHASE3};
    case v1::PHASE_UNSPECIFIED:
      return {v1::PHASE_NOT_APPLICABLE};
    default:
      return {phase};
  }
}

// Finds sites of the pack by hospital and speciality.
class SiteFinder {
 public:
  explicit SiteFinder(const v1::Pack& pack) {
    for (const v1::Site& site : pack.sites()) {
      for (const std::string& speciality : site.specialities()) {
        const Key key(site.hospital(), speciality);
        const Choice choice(site.type() != v1::SITE_TYPE_DEPARTMENT, site.name());
        const auto [known, added] = sites_.emplace(key, choice);
        if (!added) known->second = std::min(known->second, choice);
      }
    }
  }

  // Empty where there is none.
  std::string Find(const std::string& hospital, const std::string& speciality) const {
    const auto found = sites_.find(Key(hospital, speciality));
    return found == sites_.end() ? "" : found->second.second;
  }

 private:
  using Key = std::pair<std::string, std::string>;
  using Choice = std::pair<bool, std::string>;
  std::map<Key, Choice> sites_;
};

class Placer {
 public:
  Placer(const v1::Pack& pack, const Places& places)
      : pack_(pack), places_(places), finder_(pack) {}

  void Place(const RegisteredTrial& trial, Placing* placing) {
    const auto draft = intake::DeriveDraft(trial.record, pack_, absl::CivilDay(1970, 1, 1));
    if (!draft.ok()) {
      return Leave(trial, absl::StrCat("the record is at fault: ", draft.status().message()),
                   placing);
    }
    PlacedTrial* placed = TrialIn(trial, draft->draft().phase(), placing);
    if (trial.places.empty()) Leave(trial, "no place in the country", placing);
    std::set<std::string> sites(placed->sites.begin(), placed->sites.end());
    for (const TrialPlace& place : trial.places) {
      PlaceOne(trial, place, draft->draft(), &sites, placing);
    }
    placed->sites.assign(sites.begin(), sites.end());
  }

 private:
  // The entry of the trial: of an earlier record with one of its numbers, or a new one.
  PlacedTrial* TrialIn(const RegisteredTrial& trial, v1::Phase phase, Placing* placing) {
    std::optional<std::size_t> index;
    for (const std::string& id : trial.ids) {
      const auto known = by_id_.find(id);
      if (known != by_id_.end() && !index.has_value()) index = known->second;
    }
    if (!index.has_value()) {
      index = placing->trials.size();
      placing->trials.push_back({&trial, {}, SinglePhases(phase), {}});
    }
    PlacedTrial& placed = placing->trials[*index];
    placed.ids.insert(trial.ids.begin(), trial.ids.end());
    for (const std::string& id : trial.ids) by_id_.emplace(id, *index);
    return &placed;
  }

  void PlaceOne(const RegisteredTrial& trial, const TrialPlace& place,
                const v1::TrialRequest& draft, std::set<std::string>* sites, Placing* placing) {
    const auto found = places_.Find(place);
    if (!found.ok()) return Leave(trial, found.status().message(), placing);
    std::vector<std::string> specialities = places_.SpecialitiesOf(found->text);
    bool placed = AddSites(found->hospital, specialities, sites);
    if (!placed) {
      specialities.assign(draft.specialities().begin(), draft.specialities().end());
      placed = AddSites(found->hospital, specialities, sites);
    }
    if (placed) return;
    Leave(
        trial,
        specialities.empty()
            ? absl::StrCat(found->hospital, ": no speciality is told by record or department")
            : absl::StrCat(found->hospital, " has no site for ", absl::StrJoin(specialities, ", ")),
        placing);
  }

  bool AddSites(const std::string& hospital, const std::vector<std::string>& specialities,
                std::set<std::string>* sites) {
    bool added = false;
    for (const std::string& speciality : specialities) {
      const std::string site = finder_.Find(hospital, speciality);
      if (site.empty()) continue;
      sites->insert(site);
      added = true;
    }
    return added;
  }

  static void Leave(const RegisteredTrial& trial, absl::string_view reason, Placing* placing) {
    placing->unplaced.push_back(
        {trial.ids.empty() ? "" : trial.ids.front(), trial.title, std::string(reason)});
  }

  const v1::Pack& pack_;
  const Places& places_;
  const SiteFinder finder_;
  std::map<std::string, std::size_t> by_id_;
};

std::string PhaseEntry(v1::Phase phase, int trials, absl::CivilDay as_of) {
  return absl::StrCat("        {\n          \"phase\": \"", v1::Phase_Name(phase),
                      "\",\n          \"trialsFiveYears\": ", trials,
                      ",\n          \"source\": {\n            \"kind\": "
                      "\"SOURCE_KIND_IMPORTED\",\n            \"origin\": \"",
                      kOrigin, "\",\n            \"asOf\": \"", FormatDate(as_of),
                      "\"\n          }\n        }");
}

}  // namespace

Placing PlaceTrials(const std::vector<RegisteredTrial>& trials, const v1::Pack& pack,
                    const Places& places) {
  Placing placing;
  Placer placer(pack, places);
  for (const RegisteredTrial& trial : trials) placer.Place(trial, &placing);
  return placing;
}

bool RanBefore(const RegisteredTrial& trial, absl::CivilDay as_of) {
  const absl::CivilDay first = AddMonths(as_of, -12 * kYears) + 1;
  const auto known = trial.registered.has_value() ? trial.registered : trial.started;
  const auto last = trial.completed.has_value()
                        ? trial.completed
                        : (trial.started.has_value() ? trial.started : trial.registered);
  return known.has_value() && *known <= as_of && *last >= first;
}

Experience CountExperience(const std::vector<PlacedTrial>& trials, absl::CivilDay as_of,
                           const std::vector<std::string>& without) {
  Experience experience;
  for (const PlacedTrial& placed : trials) {
    const bool left_out = std::any_of(without.begin(), without.end(), [&](const std::string& id) {
      return placed.ids.count(id) > 0;
    });
    if (left_out || !RanBefore(*placed.trial, as_of)) continue;
    for (const std::string& site : placed.sites) {
      for (const v1::Phase phase : placed.phases) ++experience[site][phase];
    }
  }
  return experience;
}

std::string ExperienceFile(const Experience& experience, absl::CivilDay as_of) {
  std::vector<std::string> sites;
  for (const auto& [site, phases] : experience) {
    std::vector<std::string> entries;
    for (const auto& [phase, trials] : phases) {
      if (phase != v1::PHASE_NOT_APPLICABLE) entries.push_back(PhaseEntry(phase, trials, as_of));
    }
    if (entries.empty()) continue;
    sites.push_back(absl::StrCat("    {\n      \"name\": \"", site, "\",\n      \"phases\": [\n",
                                 absl::StrJoin(entries, ",\n"), "\n      ]\n    }"));
  }
  return absl::StrCat("{\n  \"siteValues\": [\n", absl::StrJoin(sites, ",\n"), "\n  ]\n}\n");
}

}  // namespace trialgate::registry
