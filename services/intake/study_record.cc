#include "services/intake/study_record.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "services/intake/study_record_draft.h"
#include "services/intake/study_record_reader.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {

absl::StatusOr<v1::ImportStudyRecordResponse> DeriveDraft(absl::string_view json,
                                                          const v1::Pack& settings,
                                                          absl::CivilDay today) {
  const absl::StatusOr<nlohmann::json> record = ParseStudyRecord(json);
  if (!record.ok()) return record.status();
  FieldFaults faults;
  StudyRecordReader reader(*record, &faults);
  if (reader.Object("protocolSection") == nullptr && faults.empty()) {
    reader.Fault("protocolSection", v1::ERROR_REASON_REQUIRED,
                 "must be there: is this a study record of ClinicalTrials.gov's API v2?");
  }
  if (!faults.empty()) return faults.ToStatus();

  v1::ImportStudyRecordResponse response;
  DraftWriter writer(&response);
  DeriveTexts(&reader, &writer);
  DeriveKindAndPhase(&reader, &writer);
  DerivePopulation(&reader, &writer);
  DeriveConditions(&reader, &writer);
  DeriveDates(&reader, today, &writer);
  DeriveEnrolment(&reader, settings.display_name(), &writer);
  if (!faults.empty()) return faults.ToStatus();

  DeriveSpecialities(&reader, settings, &writer);
  ListMissing(&writer);
  return response;
}

}  // namespace trialgate::intake
