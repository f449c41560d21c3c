// The parts of DeriveDraft, each of which fills some fields of the draft.
#ifndef TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_DRAFT_H_
#define TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_DRAFT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/intake/study_record_reader.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::intake {

// Collects the answer. Not thread-safe.
class DraftWriter {
 public:
  // `response` is not owned.
  explicit DraftWriter(v1::ImportStudyRecordResponse* response) : response_(*response) {}

  v1::TrialRequest& draft() { return *response_.mutable_draft(); }
  // Says where the value of a field came from: the path in the record, and the rule.
  void Derived(absl::string_view field, absl::string_view value, absl::string_view from,
               absl::string_view rule);
  void Missing(absl::string_view field) { response_.add_missing(std::string(field)); }
  void Remark(absl::string_view remark) { response_.add_remarks(std::string(remark)); }

 private:
  v1::ImportStudyRecordResponse& response_;
};

// title, synopsis, eligibility_criteria, external_ids.
void DeriveTexts(StudyRecordReader* reader, DraftWriter* writer);
// kind, phase.
void DeriveKindAndPhase(StudyRecordReader* reader, DraftWriter* writer);
// population.
void DerivePopulation(StudyRecordReader* reader, DraftWriter* writer);
// conditions.
void DeriveConditions(StudyRecordReader* reader, DraftWriter* writer);
// first_patient_in_earliest, recruitment_months.
void DeriveDates(StudyRecordReader* reader, absl::CivilDay today, DraftWriter* writer);
// patients_wanted. `country` is the English name of the country served.
void DeriveEnrolment(StudyRecordReader* reader, absl::string_view country, DraftWriter* writer);
// specialities; reads the draft's population.
void DeriveSpecialities(StudyRecordReader* reader, const v1::Pack& settings, DraftWriter* writer);
// Fields that a submit needs and the draft does not have.
void ListMissing(DraftWriter* writer);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_DRAFT_H_
