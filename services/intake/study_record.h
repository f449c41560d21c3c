// Derives a draft trial request from a study record in the shape of ClinicalTrials.gov's API v2.
//
//   absl::StatusOr<v1::ImportStudyRecordResponse> imported =
//       DeriveDraft(json, directory->settings(), today);
//   if (!imported.ok()) return imported.status();
//   Show(imported->draft(), imported->derivations(), imported->missing(), imported->remarks());
#ifndef TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_H_
#define TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::intake {

// Limits of a study record.
inline constexpr std::size_t kMaxStudyRecordBytes = std::size_t{4} << 20;
inline constexpr int kMaxStudyRecordDepth = 64;
inline constexpr int kMaxEnrolment = 10'000'000;

// A draft with more specialities than this has none: such a study needs a person's choice.
inline constexpr std::size_t kMaxDerivedSpecialities = 3;

// Derives what `json` tells of a trial request; a pure function. `settings` is the country's pack
// (its condition rules and its English name are read), `today` the date in its zone.
//
// Rules, each named in the answer with the place that it read:
//   kind         observational by study type; else by the interventions: a drug, biological,
//   genetic or
//                combination product makes it a medicinal product; else a device a medical device;
//                else a diagnostic test an in-vitro diagnostic; else a procedure.
//   phase        one or two neighbouring phases; NOT_APPLICABLE where there are none and the kind
//   is no
//                medicinal product.
//   specialities by the pack's condition rules (study_record_specialities.h); never a default.
//   age groups   from the least and greatest age, else from the standard ages. No limits: no test.
//   dates        a start from today on; earlier ones are left out. Recruitment runs from start to
//                primary completion, 1 to 60 months.
//   patients     the enrolment is that of the whole world: taken only where every location lies in
//   the
//                country.
//   texts        cut at whole characters where they are longer than a request permits.
//
// `missing` lists fields of TrialRequest that a submit needs; `remarks` what a person should look
// at.
//
// INVALID_ARGUMENT otherwise. MALFORMED_JSON, with metadata "offset" (bytes from the start), where
// it is not JSON or breaks off. INVALID_FIELDS with every fault as a field violation whose field is
// "study_record" or a path below it ("study_record.protocolSection.designModule.phases[0]"): more
// bytes or levels than permitted; not UTF-8; not an object; no protocolSection; no condition; a
// phase, study type, intervention type, sex or standard age that is not known; an age, date or NCT
// id that is malformed; dates or ages in the wrong order; an enrolment below 0 or above
// kMaxEnrolment; texts that are too long; values of the wrong type.
absl::StatusOr<v1::ImportStudyRecordResponse> DeriveDraft(absl::string_view json,
                                                          const v1::Pack& settings,
                                                          absl::CivilDay today);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_H_
