#include "services/feasibility/trial_request_validation.h"

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/feasibility/fixture.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Told = std::vector<std::string>;

// "field: REASON" of each fault.
Told Faults(const v1::TrialRequest& request, ValidationMode mode = ValidationMode::kSubmit) {
  const auto directory = CountryWith(FittingSite());
  const FieldFaults faults = ValidateTrialRequest(request, *directory, kToday, mode);
  Told told;
  for (const FieldViolation& fault : faults.told()) {
    EXPECT_FALSE(fault.description.empty());
    told.push_back(absl::StrCat(fault.field, ": ", ReasonName(fault.reason)));
  }
  return told;
}

struct BadField {
  const char* name;
  std::function<void(v1::TrialRequest*)> spoil;
  // The one fault expected, without "trial_request.".
  const char* fault;
};

void AddDocument(v1::TrialRequest* request) {
  v1::Document* document = request->add_documents();
  document->set_display_name("synopsis.pdf");
  document->set_media_type("application/pdf");
  document->set_size_bytes(1000);
  document->set_sha256(std::string(64, '0'));
  document->set_uri("https://files.acme.example/synopsis.pdf");
}

void AddQuestion(v1::TrialRequest* request, const std::string& id) {
  v1::Question* question = request->add_questions();
  question->set_id(id);
  question->set_text("How many beds?");
}

template <typename List>
void Repeat(List* list, const std::string& value, int times) {
  for (int i = 0; i < times; ++i) *list->Add() = value;
}

const BadField kBadFields[] = {
    {"no requester", [](auto* r) { r->clear_requester(); }, "requester: REQUIRED"},
    {"unknown requester", [](auto* r) { r->set_requester("organizations/nobody"); },
     "requester: UNKNOWN_VALUE"},
    {"requester that is no name", [](auto* r) { r->set_requester("acme"); },
     "requester: INVALID_FORMAT"},
    {"unknown sponsor", [](auto* r) { r->set_sponsor("organizations/nobody"); },
     "sponsor: UNKNOWN_VALUE"},
    {"no kind", [](auto* r) { r->clear_kind(); }, "kind: REQUIRED"},
    {"unknown kind", [](auto* r) { r->set_kind(static_cast<v1::TrialKind>(99)); },
     "kind: UNKNOWN_VALUE"},
    {"no intent", [](auto* r) { r->clear_intent(); }, "intent: REQUIRED"},
    {"medicinal product without phase", [](auto* r) { r->clear_phase(); }, "phase: REQUIRED"},
    {"unknown phase", [](auto* r) { r->set_phase(static_cast<v1::Phase>(99)); },
     "phase: UNKNOWN_VALUE"},
    {"negative phase", [](auto* r) { r->set_phase(static_cast<v1::Phase>(-1)); },
     "phase: UNKNOWN_VALUE"},
    {"no title", [](auto* r) { r->clear_title(); }, "title: REQUIRED"},
    {"2 MB in a title", [](auto* r) { r->set_title(std::string(2 << 20, 'x')); },
     "title: TOO_LONG"},
    {"title one byte too long", [](auto* r) { r->set_title(std::string(1025, 'x')); },
     "title: TOO_LONG"},
    {"invalid UTF-8", [](auto* r) { r->set_title("\xC3("); }, "title: INVALID_UTF8"},
    {"invalid UTF-8 deep inside", [](auto* r) { r->mutable_conditions(0)->set_text("\xFF"); },
     "conditions[0].text: INVALID_UTF8"},
    {"blinded without blinded title",
     [](auto* r) { r->set_confidentiality(v1::CONFIDENTIALITY_BLINDED); },
     "blinded_title: REQUIRED"},
    {"CDA required without blinded title",
     [](auto* r) { r->set_confidentiality(v1::CONFIDENTIALITY_CDA_REQUIRED); },
     "blinded_title: REQUIRED"},
    {"blinded title too long", [](auto* r) { r->set_blinded_title(std::string(1025, 'x')); },
     "blinded_title: TOO_LONG"},
    {"synopsis too long", [](auto* r) { r->set_synopsis(std::string(32769, 'x')); },
     "synopsis: TOO_LONG"},
    {"blinded synopsis too long", [](auto* r) { r->set_blinded_synopsis(std::string(32769, 'x')); },
     "blinded_synopsis: TOO_LONG"},
    {"criteria too long", [](auto* r) { r->set_eligibility_criteria(std::string(32769, 'x')); },
     "eligibility_criteria: TOO_LONG"},
    {"external id without code", [](auto* r) { r->add_external_ids()->set_system("NCT"); },
     "external_ids[0].code: REQUIRED"},
    {"external id twice",
     [](auto* r) {
       for (int i = 0; i < 2; ++i) {
         r->add_external_ids()->set_system("NCT");
         r->mutable_external_ids(i)->set_code("NCT00000001");
       }
     },
     "external_ids[1]: DUPLICATE"},
    {"no condition", [](auto* r) { r->clear_conditions(); }, "conditions: REQUIRED"},
    {"empty condition", [](auto* r) { r->mutable_conditions(0)->clear_text(); },
     "conditions[0].text: REQUIRED"},
    {"condition too long",
     [](auto* r) { r->mutable_conditions(0)->set_text(std::string(513, 'x')); },
     "conditions[0].text: TOO_LONG"},
    {"too many conditions",
     [](auto* r) {
       while (r->conditions_size() < 33) r->add_conditions()->set_text("x");
     },
     "conditions: TOO_MANY"},
    {"unknown speciality", [](auto* r) { r->set_specialities(0, "alchemy"); },
     "specialities[0]: UNKNOWN_VALUE"},
    {"speciality twice", [](auto* r) { r->add_specialities("heart"); },
     "specialities[1]: DUPLICATE"},
    {"unknown mode", [](auto* r) { r->set_speciality_mode(static_cast<v1::SpecialityMode>(7)); },
     "speciality_mode: UNKNOWN_VALUE"},
    {"age group twice",
     [](auto* r) { r->mutable_population()->add_age_groups(v1::AGE_GROUP_ADULT); },
     "population.age_groups[1]: DUPLICATE"},
    {"unspecified age group",
     [](auto* r) { r->mutable_population()->add_age_groups(v1::AGE_GROUP_UNSPECIFIED); },
     "population.age_groups[1]: REQUIRED"},
    {"unknown sex", [](auto* r) { r->mutable_population()->set_sex(static_cast<v1::Sex>(9)); },
     "population.sex: UNKNOWN_VALUE"},
    {"negative patients", [](auto* r) { r->set_patients_wanted(-1); },
     "patients_wanted: OUT_OF_RANGE"},
    {"huge patients",
     [](auto* r) { r->set_patients_wanted(std::numeric_limits<std::int64_t>::max()); },
     "patients_wanted: OUT_OF_RANGE"},
    {"negative sites", [](auto* r) { r->set_sites_wanted(-5); }, "sites_wanted: OUT_OF_RANGE"},
    {"huge sites", [](auto* r) { r->set_sites_wanted(1001); }, "sites_wanted: OUT_OF_RANGE"},
    {"no date", [](auto* r) { r->clear_first_patient_in_earliest(); },
     "first_patient_in_earliest: REQUIRED"},
    {"30 February", [](auto* r) { r->set_first_patient_in_earliest("2027-02-30"); },
     "first_patient_in_earliest: INVALID_FORMAT"},
    {"date in words", [](auto* r) { r->set_first_patient_in_earliest("next spring"); },
     "first_patient_in_earliest: INVALID_FORMAT"},
    {"date in the past", [](auto* r) { r->set_first_patient_in_earliest("2026-03-04"); },
     "first_patient_in_earliest: OUT_OF_RANGE"},
    {"date too far away",
     [](auto* r) {
       r->set_first_patient_in_earliest("2036-03-06");
       r->clear_first_patient_in_latest();
     },
     "first_patient_in_earliest: OUT_OF_RANGE"},
    {"dates reversed", [](auto* r) { r->set_first_patient_in_latest("2026-05-31"); },
     "first_patient_in_latest: DATES_REVERSED"},
    {"malformed latest date", [](auto* r) { r->set_first_patient_in_latest("2026-13-01"); },
     "first_patient_in_latest: INVALID_FORMAT"},
    {"no recruitment months", [](auto* r) { r->clear_recruitment_months(); },
     "recruitment_months: REQUIRED"},
    {"500 recruitment months", [](auto* r) { r->set_recruitment_months(500); },
     "recruitment_months: OUT_OF_RANGE"},
    {"negative recruitment months", [](auto* r) { r->set_recruitment_months(-1); },
     "recruitment_months: OUT_OF_RANGE"},
    {"unknown required capability", [](auto* r) { r->set_required_capabilities(0, "magic"); },
     "required_capabilities[0]: UNKNOWN_VALUE"},
    {"unknown preferred capability", [](auto* r) { r->add_preferred_capabilities("magic"); },
     "preferred_capabilities[0]: UNKNOWN_VALUE"},
    {"unknown region", [](auto* r) { r->add_regions_wanted("regions/atlantis"); },
     "regions_wanted[0]: UNKNOWN_VALUE"},
    {"region that is no name", [](auto* r) { r->add_regions_preferred("hills"); },
     "regions_preferred[0]: INVALID_FORMAT"},
    {"region twice", [](auto* r) { Repeat(r->mutable_regions_wanted(), "regions/hills", 2); },
     "regions_wanted[1]: DUPLICATE"},
    {"unknown site", [](auto* r) { r->add_sites_already_contacted("sites/nowhere"); },
     "sites_already_contacted[0]: UNKNOWN_VALUE"},
    {"malformed question id", [](auto* r) { AddQuestion(r, "Beds?"); },
     "questions[0].id: INVALID_FORMAT"},
    {"question without id", [](auto* r) { AddQuestion(r, ""); }, "questions[0].id: REQUIRED"},
    {"question without text",
     [](auto* r) {
       AddQuestion(r, "beds");
       r->mutable_questions(0)->clear_text();
     },
     "questions[0].text: REQUIRED"},
    {"question id twice",
     [](auto* r) {
       AddQuestion(r, "beds");
       AddQuestion(r, "beds");
     },
     "questions[1].id: DUPLICATE"},
    {"unknown type of question",
     [](auto* r) {
       AddQuestion(r, "beds");
       r->mutable_questions(0)->set_type(static_cast<v1::QuestionType>(12));
     },
     "questions[0].type: UNKNOWN_VALUE"},
    {"deadline in the past", [](auto* r) { r->set_response_deadline("2026-03-04"); },
     "response_deadline: OUT_OF_RANGE"},
    {"malformed deadline", [](auto* r) { r->set_response_deadline("2026-04-31"); },
     "response_deadline: INVALID_FORMAT"},
    {"unknown urgency", [](auto* r) { r->set_urgency(static_cast<v1::Urgency>(8)); },
     "urgency: UNKNOWN_VALUE"},
    {"unknown confidentiality",
     [](auto* r) {
       r->set_blinded_title("A trial");
       r->set_confidentiality(static_cast<v1::Confidentiality>(8));
     },
     "confidentiality: UNKNOWN_VALUE"},
    {"document without name",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->clear_display_name();
     },
     "documents[0].display_name: REQUIRED"},
    {"media type in words",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->set_media_type("a PDF");
     },
     "documents[0].media_type: INVALID_FORMAT"},
    {"negative size",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->set_size_bytes(-1);
     },
     "documents[0].size_bytes: OUT_OF_RANGE"},
    {"huge size",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->set_size_bytes((std::int64_t{1} << 40) + 1);
     },
     "documents[0].size_bytes: OUT_OF_RANGE"},
    {"malformed hash",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->set_sha256("abc");
     },
     "documents[0].sha256: INVALID_FORMAT"},
    {"document without hash",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->clear_sha256();
     },
     "documents[0].sha256: REQUIRED"},
    {"address without TLS",
     [](auto* r) {
       AddDocument(r);
       r->mutable_documents(0)->set_uri("http://files.acme.example/");
     },
     "documents[0].uri: INVALID_FORMAT"},
    {"no contact", [](auto* r) { r->clear_contact(); }, "contact: REQUIRED"},
    {"contact without address", [](auto* r) { r->mutable_contact()->clear_email(); },
     "contact.email: REQUIRED"},
    {"malformed address", [](auto* r) { r->mutable_contact()->set_email("call me"); },
     "contact.email: INVALID_FORMAT"},
    {"telephone too long", [](auto* r) { r->mutable_contact()->set_phone(std::string(65, '1')); },
     "contact.phone: TOO_LONG"},
    {"name", [](auto* r) { r->set_name("trialRequests/mine"); }, "name: UNKNOWN_FIELD"},
    {"state", [](auto* r) { r->set_state(v1::TRIAL_REQUEST_STATE_CONFIRMED); },
     "state: UNKNOWN_FIELD"},
    {"revision", [](auto* r) { r->set_revision(3); }, "revision: UNKNOWN_FIELD"},
    {"creation time", [](auto* r) { r->mutable_create_time(); }, "create_time: UNKNOWN_FIELD"},
    {"selections", [](auto* r) { r->add_selections(); }, "selections: UNKNOWN_FIELD"},
    {"etag", [](auto* r) { r->set_etag("1"); }, "etag: UNKNOWN_FIELD"},
};

TEST(TrialRequestValidationTest, ARequestWithEverythingRightHasNoFaults) {
  v1::TrialRequest request = FittingRequest();
  AddDocument(&request);
  AddQuestion(&request, "beds-2");
  request.set_sponsor("organizations/acme");
  request.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
  request.set_blinded_title("A trial of something");
  request.set_response_deadline("2026-03-05");
  request.add_regions_wanted("regions/coast");
  request.add_sites_already_contacted("sites/a");
  request.set_title(std::string(1024, 'x'));
  request.set_recruitment_months(60);
  request.set_patients_wanted(1000000);
  EXPECT_THAT(Faults(request), IsEmpty());
}

TEST(TrialRequestValidationTest, EachBadFieldIsNamedWithItsReason) {
  for (const BadField& bad : kBadFields) {
    v1::TrialRequest request = FittingRequest();
    bad.spoil(&request);
    EXPECT_THAT(Faults(request), ElementsAre(absl::StrCat("trial_request.", bad.fault)))
        << bad.name;
  }
}

TEST(TrialRequestValidationTest, AllFaultsAreToldAtOnceInTheOrderOfTheFields) {
  v1::TrialRequest request = FittingRequest();
  request.clear_contact();
  request.set_recruitment_months(500);
  request.set_specialities(0, "alchemy");
  request.clear_title();
  EXPECT_THAT(Faults(request), ElementsAre("trial_request.title: REQUIRED",
                                           "trial_request.specialities[0]: UNKNOWN_VALUE",
                                           "trial_request.recruitment_months: OUT_OF_RANGE",
                                           "trial_request.contact: REQUIRED"));
}

TEST(TrialRequestValidationTest, AnEmptyRequestIsToldEveryRequiredField) {
  EXPECT_THAT(
      Faults(v1::TrialRequest()),
      ElementsAre("trial_request.requester: REQUIRED", "trial_request.kind: REQUIRED",
                  "trial_request.intent: REQUIRED", "trial_request.title: REQUIRED",
                  "trial_request.conditions: REQUIRED",
                  "trial_request.first_patient_in_earliest: REQUIRED",
                  "trial_request.recruitment_months: REQUIRED", "trial_request.contact: REQUIRED"));
}

TEST(TrialRequestValidationTest, WhatIsOnlyAssessedNeedsNoRequesterAndContact) {
  v1::TrialRequest request = FittingRequest();
  request.clear_requester();
  request.clear_contact();
  EXPECT_THAT(Faults(request, ValidationMode::kAssess), IsEmpty());
  request.set_requester("organizations/nobody");
  request.mutable_contact()->set_email("call me");
  EXPECT_THAT(Faults(request, ValidationMode::kAssess),
              ElementsAre("trial_request.requester: UNKNOWN_VALUE",
                          "trial_request.contact.display_name: REQUIRED",
                          "trial_request.contact.email: INVALID_FORMAT"));
}

TEST(TrialRequestValidationTest, AnIdeaNeedsNoConditionAndADeviceNoPhase) {
  v1::TrialRequest request = FittingRequest();
  request.set_kind(v1::TRIAL_KIND_IDEA);
  request.clear_conditions();
  request.clear_phase();
  EXPECT_THAT(Faults(request), IsEmpty());
  request = FittingRequest();
  request.set_kind(v1::TRIAL_KIND_MEDICAL_DEVICE);
  request.clear_phase();
  EXPECT_THAT(Faults(request), IsEmpty());
}

TEST(TrialRequestValidationTest, TodayAndTenYearsFromItAreStillInRange) {
  v1::TrialRequest request = FittingRequest();
  request.clear_first_patient_in_latest();
  request.set_first_patient_in_earliest("2026-03-05");
  EXPECT_THAT(Faults(request), IsEmpty());
  request.set_first_patient_in_earliest("2036-03-05");
  EXPECT_THAT(Faults(request), IsEmpty());
}

TEST(TrialRequestValidationTest, ATextThatIsTooLongIsToldItsBytes) {
  v1::TrialRequest request = FittingRequest();
  request.set_title(std::string(2 << 20, 'x'));
  const FieldFaults faults =
      ValidateTrialRequest(request, *CountryWith(FittingSite()), kToday, ValidationMode::kSubmit);
  ASSERT_EQ(faults.count(), 1u);
  EXPECT_THAT(faults.told()[0].description, HasSubstr("2097152 bytes; at most 1024"));
}

TEST(TrialRequestValidationTest, AListThatIsTooLongIsLookedAtUpToItsLimitOnly) {
  v1::TrialRequest request = FittingRequest();
  request.clear_required_capabilities();
  Repeat(request.mutable_required_capabilities(), "magic", 100000);
  const FieldFaults faults =
      ValidateTrialRequest(request, *CountryWith(FittingSite()), kToday, ValidationMode::kSubmit);
  EXPECT_EQ(faults.told()[0].reason, v1::ERROR_REASON_TOO_MANY);
  EXPECT_EQ(faults.count(), 1u + 100 + 99);
}

TEST(TrialRequestValidationTest, WhatIsSaidOfABadValueIsItselfUtf8) {
  v1::TrialRequest request = FittingRequest();
  request.add_specialities("\xFF\xFE");
  request.add_regions_wanted("\xC3(");
  const FieldFaults faults =
      ValidateTrialRequest(request, *CountryWith(FittingSite()), kToday, ValidationMode::kSubmit);
  EXPECT_EQ(faults.count(), 4u);
  for (const FieldViolation& fault : faults.told()) {
    EXPECT_EQ(fault.description.find('\xFF'), std::string::npos);
    EXPECT_EQ(fault.description.find('\xC3'), std::string::npos);
  }
}

}  // namespace
}  // namespace trialgate::feasibility
