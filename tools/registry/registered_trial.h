// Trials as study registries tell of them: study records in the shape of ClinicalTrials.gov's API
// v2, and lists of trials with one lead institution each.
//
//   ABSL_ASSIGN_OR_RETURN(const std::vector<RegisteredTrial> trials, ReadTrialList(json));
#ifndef TRIALGATE_TOOLS_REGISTRY_REGISTERED_TRIAL_H_
#define TRIALGATE_TOOLS_REGISTRY_REGISTERED_TRIAL_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace trialgate::registry {

inline constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxTrials = 100'000;

// Where a trial ran, in the registry's words.
struct TrialPlace {
  // Texts that may name the hospital and the department, the most exact first.
  std::vector<std::string> texts;
  std::string city;
  // As written: "DK-8200", "2400 NV".
  std::string postcode;
  // A region's code in any system ("DK-82") in which the place is known to lie; empty: not known.
  // What a record writes as its state is often wrong and is not read.
  std::string region_code;
};

struct RegisteredTrial {
  // NCT, EudraCT and other numbers, at least one; the first stands for the trial. Two records that
  // share one are of the same trial.
  std::vector<std::string> ids;
  std::string title;
  // Its study record, JSON in the shape of API v2: of a list's trial, what the list tells.
  std::string record;
  // First told to the registry; absent: not known.
  std::optional<absl::CivilDay> registered;
  std::optional<absl::CivilDay> started;
  // Absent: not known, or still to come.
  std::optional<absl::CivilDay> completed;
  // Those in `country`; the lead's is the first where it is known.
  std::vector<TrialPlace> places;
  // Whether the first place is the lead institution's.
  bool has_lead = false;
};

// The trial of one study record; its places are the locations in `country` (English name).
// INVALID_ARGUMENT (MALFORMED_JSON, INVALID_FIELDS) where it is no such record.
absl::StatusOr<RegisteredTrial> ReadStudyRecord(absl::string_view json, absl::string_view country);

// The trials of a list: a JSON array of objects with main_id, nct_id, eudract_id, trial_title,
// official_title, phase, registration_date, start_date, completion_date, lead_institution,
// PI_affiliation, lead_region_iso, intervention_types_combined, intervention_names_comb,
// minimum_age_num, minimum_age_unit, maximum_age_num and maximum_age_unit, any of them absent or
// null. A list has no conditions: the titles stand in their place. INVALID_ARGUMENT where it is no
// such list, or has more than kMaxTrials.
absl::StatusOr<std::vector<RegisteredTrial>> ReadTrialList(absl::string_view json);

}  // namespace trialgate::registry

#endif  // TRIALGATE_TOOLS_REGISTRY_REGISTERED_TRIAL_H_
