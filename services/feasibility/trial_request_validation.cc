#include "services/feasibility/trial_request_validation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/civil_date.h"
#include "services/directory/field_checks.h"
#include "services/directory/validity.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/question_rules.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

constexpr std::size_t kTitleBytes = 1024;
constexpr std::size_t kTextBytes = 32768;
constexpr std::size_t kNameBytes = 256;
constexpr std::size_t kUriBytes = 2048;
constexpr std::int64_t kDocumentBytes = std::int64_t{1} << 40;
constexpr int kMaxCodes = 16;
// The first field set by the server only, apart from the name.
constexpr int kFirstServerField = 50;

bool IsQuestionId(absl::string_view text) {
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
  });
}

class Validator {
 public:
  Validator(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
            absl::CivilDay today, ValidationMode mode)
      : request_(request), directory_(directory), today_(today), mode_(mode) {}

  FieldFaults Validate();

 private:
  void ServerFields();
  void Organizations();
  void KindAndPhase();
  void Texts();
  void Conditions();
  void Specialities();
  void AgeGroupsAndSex();
  void Numbers();
  void Dates();
  void Lists();
  void Questions();
  void Handling();
  void Documents();
  void Contact();
  void Submitter();
  void SubmittingDesk();
  void Email(const std::string& field, const std::string& address);

  static std::string At(absl::string_view field) { return absl::StrCat("trial_request.", field); }

  const v1::TrialRequest& request_;
  const directory::DirectorySnapshot& directory_;
  const absl::CivilDay today_;
  const ValidationMode mode_;
  FieldFaults faults_;
  const FieldRules rules_{&faults_};
};

FieldFaults Validator::Validate() {
  rules_.Utf8("trial_request.", request_);
  ServerFields();
  Organizations();
  KindAndPhase();
  Texts();
  Conditions();
  Specialities();
  AgeGroupsAndSex();
  Numbers();
  Dates();
  Lists();
  Questions();
  Handling();
  Documents();
  Contact();
  Submitter();
  return faults_;
}

void Validator::ServerFields() {
  std::vector<const google::protobuf::FieldDescriptor*> present;
  request_.GetReflection()->ListFields(request_, &present);
  for (const google::protobuf::FieldDescriptor* field : present) {
    if (field->number() < kFirstServerField &&
        field->number() != v1::TrialRequest::kNameFieldNumber) {
      continue;
    }
    faults_.Add(At(field->name()), v1::ERROR_REASON_UNKNOWN_FIELD,
                "is set by the server: leave it out");
  }
}

void Validator::Organizations() {
  const auto check = [&](absl::string_view field, const std::string& name) {
    if (name.empty()) return;
    rules_.Reference(At(field), name, "organizations", "organization", [&](const std::string& n) {
      return directory_.FindOrganization(n) != nullptr;
    });
  };
  if (mode_ == ValidationMode::kSubmit && !request_.has_submitter()) {
    rules_.Required(At("requester"), !request_.requester().empty());
  }
  check("requester", request_.requester());
  check("sponsor", request_.sponsor());
}

void Validator::KindAndPhase() {
  rules_.Enum(At("kind"), request_.kind(), *v1::TrialKind_descriptor(), Presence::kRequired);
  rules_.Enum(At("intent"), request_.intent(), *v1::Intent_descriptor(), Presence::kRequired);
  const bool medicinal = request_.kind() == v1::TRIAL_KIND_MEDICINAL_PRODUCT;
  rules_.Enum(At("phase"), request_.phase(), *v1::Phase_descriptor(),
              medicinal ? Presence::kRequired : Presence::kOptional);
}

void Validator::Texts() {
  const bool open = request_.confidentiality() == v1::CONFIDENTIALITY_UNSPECIFIED ||
                    request_.confidentiality() == v1::CONFIDENTIALITY_OPEN;
  rules_.Text(At("title"), request_.title(), kTitleBytes, Presence::kRequired);
  rules_.Text(At("blinded_title"), request_.blinded_title(), kTitleBytes,
              open ? Presence::kOptional : Presence::kRequired);
  rules_.Text(At("synopsis"), request_.synopsis(), kTextBytes, Presence::kOptional);
  rules_.Text(At("blinded_synopsis"), request_.blinded_synopsis(), kTextBytes, Presence::kOptional);
  rules_.Text(At("eligibility_criteria"), request_.eligibility_criteria(), kTextBytes,
              Presence::kOptional);
  rules_.Codes(At("external_ids"), request_.external_ids(), kMaxCodes);
}

void Validator::Conditions() {
  const std::string field = At("conditions");
  if (request_.kind() != v1::TRIAL_KIND_IDEA) {
    rules_.Required(field, !request_.conditions().empty());
  }
  const int count = rules_.Count(field, request_.conditions_size(), 32);
  for (int i = 0; i < count; ++i) {
    const v1::Condition& condition = request_.conditions(i);
    rules_.Text(Element(field, i) + ".text", condition.text(), 512, Presence::kRequired);
    rules_.Codes(Element(field, i) + ".codes", condition.codes(), kMaxCodes);
  }
}

void Validator::Specialities() {
  rules_.References(At("specialities"), request_.specialities(), 39, "", "speciality",
                    [&](const std::string& id) { return directory_.HasSpeciality(id); });
  rules_.Enum(At("speciality_mode"), request_.speciality_mode(), *v1::SpecialityMode_descriptor(),
              Presence::kOptional);
}

void Validator::AgeGroupsAndSex() {
  const v1::Population& population = request_.population();
  const std::string field = At("population.age_groups");
  std::set<int> seen;
  // All but UNSPECIFIED.
  const int count = rules_.Count(field, population.age_groups_size(),
                                 v1::AgeGroup_descriptor()->value_count() - 1);
  for (int i = 0; i < count; ++i) {
    const int group = population.age_groups(i);
    rules_.Enum(Element(field, i), group, *v1::AgeGroup_descriptor(), Presence::kRequired);
    if (!seen.insert(group).second) {
      rules_.Duplicate(Element(field, i), v1::AgeGroup_Name(group));
    }
  }
  rules_.Enum(At("population.sex"), population.sex(), *v1::Sex_descriptor(), Presence::kOptional);
}

void Validator::Numbers() {
  rules_.Range(At("patients_wanted"), request_.patients_wanted(), 0, 1000000);
  rules_.Range(At("sites_wanted"), request_.sites_wanted(), 0, 1000);
}

void Validator::Dates() {
  const std::string field = At("first_patient_in_earliest");
  const auto earliest =
      rules_.Date(field, request_.first_patient_in_earliest(), Presence::kRequired);
  const absl::CivilDay last = AddMonths(today_, 12 * kMaxYearsAhead);
  if (earliest.has_value() && (*earliest < today_ || *earliest > last)) {
    faults_.Add(field, v1::ERROR_REASON_OUT_OF_RANGE,
                absl::StrCat("is ", FormatDate(*earliest), "; it must be from today (",
                             FormatDate(today_), ") to ", FormatDate(last)));
  }
  const auto latest = rules_.Date(At("first_patient_in_latest"), request_.first_patient_in_latest(),
                                  Presence::kOptional);
  if (earliest.has_value() && latest.has_value() && *latest < *earliest) {
    faults_.Add(
        At("first_patient_in_latest"), v1::ERROR_REASON_DATES_REVERSED,
        absl::StrCat("is ", FormatDate(*latest), ", before the earliest, ", FormatDate(*earliest)));
  }
  if (request_.recruitment_months() == 0) {
    rules_.Required(At("recruitment_months"), false);
  } else {
    rules_.Range(At("recruitment_months"), request_.recruitment_months(), 1, 60);
  }
}

void Validator::Lists() {
  const auto known_capability = [&](const std::string& id) { return directory_.HasCapability(id); };
  const auto known_region = [&](const std::string& name) {
    return directory_.FindRegion(name) != nullptr;
  };
  rules_.References(At("required_capabilities"), request_.required_capabilities(), 100, "",
                    "capability", known_capability);
  rules_.References(At("preferred_capabilities"), request_.preferred_capabilities(), 100, "",
                    "capability", known_capability);
  rules_.References(At("regions_wanted"), request_.regions_wanted(), 100, "regions", "region",
                    known_region);
  rules_.References(At("regions_preferred"), request_.regions_preferred(), 100, "regions", "region",
                    known_region);
  rules_.References(At("sites_already_contacted"), request_.sites_already_contacted(), 1000,
                    "sites", "site",
                    [&](const std::string& name) { return directory_.FindSite(name) != nullptr; });
}

void Validator::Questions() {
  const std::string field = At("questions");
  std::set<std::string> seen;
  const int count = rules_.Count(field, request_.questions_size(), 50);
  for (int i = 0; i < count; ++i) {
    const v1::Question& question = request_.questions(i);
    const std::string at = Element(field, i);
    rules_.Required(at + ".id", !question.id().empty());
    if (!question.id().empty() && !IsQuestionId(question.id())) {
      faults_.Add(at + ".id", v1::ERROR_REASON_INVALID_FORMAT,
                  "must be 1 to 63 lower-case letters, digits and hyphens");
    }
    if (!seen.insert(question.id()).second) rules_.Duplicate(at + ".id", question.id());
    rules_.Text(at + ".text", question.text(), 2048, Presence::kRequired);
    rules_.Enum(at + ".type", question.type(), *v1::QuestionType_descriptor(), Presence::kOptional);
    rules_.Enum(at + ".scope", question.scope(), *v1::QuestionScope_descriptor(),
                Presence::kOptional);
    CheckDirectoryField(rules_, at, question, directory_);
  }
}

void Validator::Handling() {
  const std::string field = At("response_deadline");
  const auto deadline = rules_.Date(field, request_.response_deadline(), Presence::kOptional);
  if (deadline.has_value() && *deadline < today_) {
    faults_.Add(field, v1::ERROR_REASON_OUT_OF_RANGE,
                absl::StrCat("is ", FormatDate(*deadline), "; it must not be before today, ",
                             FormatDate(today_)));
  }
  rules_.Enum(At("urgency"), request_.urgency(), *v1::Urgency_descriptor(), Presence::kOptional);
  rules_.Enum(At("confidentiality"), request_.confidentiality(), *v1::Confidentiality_descriptor(),
              Presence::kOptional);
}

void Validator::Documents() {
  const std::string field = At("documents");
  const auto check_form = [&](const std::string& at, const std::string& text, bool good,
                              absl::string_view form) {
    if (text.empty() || good) return;
    faults_.Add(at, v1::ERROR_REASON_INVALID_FORMAT, absl::StrCat("must be ", form));
  };
  const int count = rules_.Count(field, request_.documents_size(), 50);
  for (int i = 0; i < count; ++i) {
    const v1::Document& document = request_.documents(i);
    const std::string at = Element(field, i);
    rules_.Text(at + ".display_name", document.display_name(), kNameBytes, Presence::kRequired);
    rules_.Text(at + ".media_type", document.media_type(), kNameBytes, Presence::kOptional);
    check_form(at + ".media_type", document.media_type(), IsMediaType(document.media_type()),
               "a media type such as \"application/pdf\"");
    rules_.Range(at + ".size_bytes", document.size_bytes(), 0, kDocumentBytes);
    rules_.Required(at + ".sha256", !document.sha256().empty());
    check_form(at + ".sha256", document.sha256(), IsSha256Hex(document.sha256()),
               "64 lower-case hexadecimal digits");
    rules_.Text(at + ".uri", document.uri(), kUriBytes, Presence::kRequired);
    check_form(at + ".uri", document.uri(), IsHttpsAddress(document.uri()), "an https address");
  }
}

void Validator::Contact() {
  if (mode_ == ValidationMode::kSubmit && !request_.has_submitter()) {
    rules_.Required(At("contact"), request_.has_contact());
  }
  if (!request_.has_contact()) return;
  const v1::RequesterContact& contact = request_.contact();
  rules_.Text(At("contact.display_name"), contact.display_name(), kNameBytes, Presence::kRequired);
  rules_.Text(At("contact.email"), contact.email(), kNameBytes, Presence::kRequired);
  Email(At("contact.email"), contact.email());
  rules_.Text(At("contact.phone"), contact.phone(), 64, Presence::kOptional);
}

void Validator::Email(const std::string& field, const std::string& address) {
  if (address.empty() || directory::IsEmail(address)) return;
  // The address is personal data: it is not repeated.
  faults_.Add(field, v1::ERROR_REASON_INVALID_FORMAT, "must be an address of the form name@domain");
}

// The person from whom an idea comes, in whose place no organization stands.
void Validator::Submitter() {
  const auto must_be_absent = [&](absl::string_view field, bool present, absl::string_view why) {
    if (present) {
      faults_.Add(At(field), v1::ERROR_REASON_CONTRADICTION, absl::StrCat("must be absent: ", why));
    }
  };
  if (!request_.has_submitter()) {
    must_be_absent("submitting_desk", !request_.submitting_desk().empty(), "no submitter is given");
    return;
  }
  must_be_absent("submitter", request_.kind() != v1::TRIAL_KIND_IDEA,
                 "only ideas come from a person");
  must_be_absent("requester", !request_.requester().empty(), "the idea is a person's");
  must_be_absent("sponsor", !request_.sponsor().empty(), "the idea is a person's");
  must_be_absent("contact", request_.has_contact(), "the submitter is who is asked");
  const v1::IdeaSubmitter& submitter = request_.submitter();
  rules_.Text(At("submitter.display_name"), submitter.display_name(), kNameBytes,
              Presence::kRequired);
  rules_.Text(At("submitter.email"), submitter.email(), kNameBytes,
              submitter.phone().empty() ? Presence::kRequired : Presence::kOptional);
  Email(At("submitter.email"), submitter.email());
  rules_.Text(At("submitter.phone"), submitter.phone(), 64, Presence::kOptional);
  rules_.Enum(At("submitter.affiliation"), submitter.affiliation(),
              *v1::IdeaAffiliation_descriptor(), Presence::kRequired);
  SubmittingDesk();
}

void Validator::SubmittingDesk() {
  const std::string field = At("submitting_desk");
  const std::string& name = request_.submitting_desk();
  rules_.Required(field, !name.empty());
  if (name.empty()) return;
  const v1::Desk* const desk = directory_.FindDesk(name);
  const bool is_clinic = desk != nullptr && desk->kind() == v1::DESK_KIND_IDEA_CLINIC;
  rules_.Reference(field, name, "desks", "idea clinic",
                   [&](const std::string&) { return is_clinic; });
  if (is_clinic && directory::ValidityOn(desk->valid_from(), desk->valid_to(), today_) !=
                       directory::Validity::kValid) {
    faults_.Add(field, v1::ERROR_REASON_DANGLING_REFERENCE,
                absl::StrCat("is not valid on ", FormatDate(today_)));
  }
}

}  // namespace

FieldFaults ValidateTrialRequest(const v1::TrialRequest& request,
                                 const directory::DirectorySnapshot& directory,
                                 absl::CivilDay today, ValidationMode mode) {
  return Validator(request, directory, today, mode).Validate();
}

}  // namespace trialgate::feasibility
