#include "services/intake/trial_request_list_fields.h"

#include "services/intake/blinding.h"

namespace trialgate::intake {
namespace {

using filter::FieldTable;
using filter::Kind;
using filter::Values;
using v1::TrialRequest;

void AddEnums(FieldTable<TrialRequest>* fields) {
  using Request = TrialRequest;
  fields->AddEnum("state", v1::TrialRequestState_descriptor(),
                  [](const Request& r, Values* values) { values->AddEnum(r.state()); });
  fields->AddEnum("kind", v1::TrialKind_descriptor(),
                  [](const Request& r, Values* values) { values->AddEnum(r.kind()); });
  fields->AddEnum("phase", v1::Phase_descriptor(),
                  [](const Request& r, Values* values) { values->AddEnum(r.phase()); });
  fields->AddEnum("intent", v1::Intent_descriptor(),
                  [](const Request& r, Values* values) { values->AddEnum(r.intent()); });
  fields->AddEnum("urgency", v1::Urgency_descriptor(),
                  [](const Request& r, Values* values) { values->AddEnum(r.urgency()); });
  fields->AddEnum("confidentiality", v1::Confidentiality_descriptor(),
                  [](const Request& r, Values* values) { values->AddEnum(r.confidentiality()); });
}

void AddMeasures(FieldTable<TrialRequest>* fields) {
  using Request = TrialRequest;
  fields->Add("first_patient_in_earliest", Kind::kDate,
              [](const Request& r, Values* values) { values->Add(r.first_patient_in_earliest()); });
  fields->Add("response_deadline", Kind::kDate,
              [](const Request& r, Values* values) { values->Add(r.response_deadline()); });
  fields->Add("patients_wanted", Kind::kNumber,
              [](const Request& r, Values* values) { values->AddNumber(r.patients_wanted()); });
  fields->Add("sites_wanted", Kind::kNumber,
              [](const Request& r, Values* values) { values->AddNumber(r.sites_wanted()); });
  fields->Add("recruitment_months", Kind::kNumber,
              [](const Request& r, Values* values) { values->AddNumber(r.recruitment_months()); });
  fields->Add("create_time", Kind::kTime, [](const Request& r, Values* values) {
    if (r.has_create_time()) values->AddTime(r.create_time());
  });
  fields->Add("answer_due_time", Kind::kTime, [](const Request& r, Values* values) {
    if (r.has_answer_due_time()) values->AddTime(r.answer_due_time());
  });
}

const FieldTable<TrialRequest>* NewTable(bool blinded_only) {
  using Request = TrialRequest;
  auto* const fields =
      new FieldTable<Request>([](const Request& r) { return absl::string_view(r.name()); });
  AddEnums(fields);
  fields->AddRepeated("specialities", Kind::kName,
                      [](const Request& r, Values* values) { values->AddTexts(r.specialities()); });
  AddMeasures(fields);
  if (blinded_only) {
    fields->Add("title", Kind::kText,
                [](const Request& r, Values* values) { values->Add(TitleForDesks(r)); });
    return fields;
  }
  fields->Add("title", Kind::kText,
              [](const Request& r, Values* values) { values->Add(r.title()); });
  fields->Add("requester", Kind::kName,
              [](const Request& r, Values* values) { values->Add(r.requester()); });
  fields->Add("sponsor", Kind::kName,
              [](const Request& r, Values* values) { values->Add(r.sponsor()); });
  return fields;
}

}  // namespace

const FieldTable<TrialRequest>& TrialRequestFields(v1::Role role) {
  static const auto* const kBlinded = NewTable(/*blinded_only=*/true);
  static const auto* const kAll = NewTable(/*blinded_only=*/false);
  const bool sees_all = role == v1::ROLE_REQUESTER || role == v1::ROLE_NATIONAL;
  return sees_all ? *kAll : *kBlinded;
}

}  // namespace trialgate::intake
