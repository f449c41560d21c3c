// Kind, phase, population, dates and enrolment of a draft.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "common/base/utf8.h"
#include "services/intake/age_groups.h"
#include "services/intake/study_record.h"
#include "services/intake/study_record_draft.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

constexpr int kMaxRecruitmentMonths = 60;
constexpr int kMaxPatientsWanted = 1'000'000;

constexpr char kStudyType[] = "protocolSection.designModule.studyType";
constexpr char kPhases[] = "protocolSection.designModule.phases";
constexpr char kEnrolment[] = "protocolSection.designModule.enrollmentInfo.count";
constexpr char kInterventions[] = "protocolSection.armsInterventionsModule.interventions";
constexpr char kEligibility[] = "protocolSection.eligibilityModule";
constexpr char kStart[] = "protocolSection.statusModule.startDateStruct.date";
constexpr char kCompletion[] = "protocolSection.statusModule.primaryCompletionDateStruct.date";
constexpr char kLocations[] = "protocolSection.contactsLocationsModule.locations";

struct KindOfIntervention {
  v1::TrialKind kind;
  absl::string_view words;
};

constexpr KindOfIntervention kMedicine = {v1::TRIAL_KIND_MEDICINAL_PRODUCT, "medicinal product"};
constexpr KindOfIntervention kDevice = {v1::TRIAL_KIND_MEDICAL_DEVICE, "medical device"};
constexpr KindOfIntervention kDiagnostic = {v1::TRIAL_KIND_IN_VITRO_DIAGNOSTIC,
                                            "in-vitro diagnostic"};
constexpr KindOfIntervention kProcedure = {v1::TRIAL_KIND_PROCEDURE,
                                           "procedure or other intervention"};

const std::map<absl::string_view, KindOfIntervention>& KindsByIntervention() {
  static const auto* const kinds = new std::map<absl::string_view, KindOfIntervention>{
      {"DRUG", kMedicine},        {"BIOLOGICAL", kMedicine},
      {"GENETIC", kMedicine},     {"COMBINATION_PRODUCT", kMedicine},
      {"DEVICE", kDevice},        {"DIAGNOSTIC_TEST", kDiagnostic},
      {"PROCEDURE", kProcedure},  {"RADIATION", kProcedure},
      {"BEHAVIORAL", kProcedure}, {"DIETARY_SUPPLEMENT", kProcedure},
      {"OTHER", kProcedure},
  };
  return *kinds;
}

void UnknownValue(const FoundText& found, absl::string_view what, StudyRecordReader* reader) {
  reader->Fault(
      found.path, v1::ERROR_REASON_UNKNOWN_VALUE,
      absl::StrCat("\"", ShortenUtf8(found.text, 80), "\" is no ", what, " that is known"));
}

// Precedence is the order of TrialKind: what is stricter in law goes first.
void DeriveInterventionalKind(StudyRecordReader* reader, DraftWriter* writer) {
  const KindOfIntervention* chosen = nullptr;
  std::string from;
  for (const FoundText& found : reader->TextsOf(kInterventions, "type")) {
    const auto known = KindsByIntervention().find(found.text);
    if (known == KindsByIntervention().end()) {
      UnknownValue(found, "intervention type", reader);
    } else if (chosen == nullptr || known->second.kind < chosen->kind) {
      chosen = &known->second;
      from = found.path;
    }
  }
  if (chosen == nullptr) {
    writer->Remark("kind: the record names no intervention");
    return;
  }
  writer->draft().set_kind(chosen->kind);
  writer->Derived("kind", chosen->words, from,
                  "by the interventions: medicine before device before diagnostic before others");
}

void DeriveKind(StudyRecordReader* reader, DraftWriter* writer) {
  const auto type = reader->Text(kStudyType);
  if (!type.has_value()) return;
  if (*type == "OBSERVATIONAL") {
    writer->draft().set_kind(v1::TRIAL_KIND_OBSERVATIONAL);
    writer->Derived("kind", "observational", kStudyType, "by the study type");
  } else if (*type == "INTERVENTIONAL") {
    DeriveInterventionalKind(reader, writer);
  } else if (*type == "EXPANDED_ACCESS") {
    writer->Remark("kind: the record is of expanded access, which is no trial; choose a kind");
  } else {
    UnknownValue({*type, kStudyType}, "study type", reader);
  }
}

std::optional<v1::Phase> PhaseOf(absl::string_view text) {
  static const auto* const phases = new std::map<absl::string_view, v1::Phase>{
      {"NA", v1::PHASE_NOT_APPLICABLE}, {"EARLY_PHASE1", v1::PHASE_EARLY_PHASE1},
      {"PHASE1", v1::PHASE_PHASE1},     {"PHASE2", v1::PHASE_PHASE2},
      {"PHASE3", v1::PHASE_PHASE3},     {"PHASE4", v1::PHASE_PHASE4},
  };
  const auto found = phases->find(text);
  return found == phases->end() ? std::nullopt : std::optional(found->second);
}

v1::Phase Combined(v1::Phase one, v1::Phase other) {
  const auto [lower, higher] = std::minmax(one, other);
  if (lower == v1::PHASE_PHASE1 && higher == v1::PHASE_PHASE2) return v1::PHASE_PHASE1_PHASE2;
  if (lower == v1::PHASE_PHASE2 && higher == v1::PHASE_PHASE3) return v1::PHASE_PHASE2_PHASE3;
  return v1::PHASE_UNSPECIFIED;
}

// The phase that the list names; UNSPECIFIED where it is empty or at fault.
v1::Phase ReadPhase(StudyRecordReader* reader) {
  std::vector<v1::Phase> phases;
  const std::vector<FoundText> found = reader->Texts(kPhases);
  for (const FoundText& text : found) {
    const auto phase = PhaseOf(text.text);
    if (phase.has_value()) {
      phases.push_back(*phase);
    } else {
      UnknownValue(text, "phase", reader);
    }
  }
  if (phases.empty() || phases.size() < found.size()) return v1::PHASE_UNSPECIFIED;
  if (phases.size() == 1) return phases[0];
  const v1::Phase both =
      phases.size() == 2 ? Combined(phases[0], phases[1]) : v1::PHASE_UNSPECIFIED;
  if (both == v1::PHASE_UNSPECIFIED) {
    reader->Fault(kPhases, v1::ERROR_REASON_CONTRADICTION,
                  "must be one phase, or 1 and 2, or 2 and 3");
  }
  return both;
}

void DerivePhase(StudyRecordReader* reader, DraftWriter* writer) {
  const v1::Phase phase = ReadPhase(reader);
  v1::TrialRequest& draft = writer->draft();
  const bool medicine = draft.kind() == v1::TRIAL_KIND_MEDICINAL_PRODUCT;
  if (phase == v1::PHASE_UNSPECIFIED) {
    if (medicine || draft.kind() == v1::TRIAL_KIND_UNSPECIFIED) return;
    draft.set_phase(v1::PHASE_NOT_APPLICABLE);
    writer->Derived("phase", "not applicable", kPhases, "none named, and no medicinal product");
    return;
  }
  draft.set_phase(phase);
  writer->Derived(
      "phase",
      absl::StrJoin(reader->Texts(kPhases), "/",
                    [](std::string* out, const FoundText& found) { *out += found.text; }),
      kPhases, "as listed; two are a combined phase");
  if (phase != v1::PHASE_NOT_APPLICABLE && draft.kind() == v1::TRIAL_KIND_PROCEDURE) {
    writer->Remark(
        "kind: the record gives a phase but no drug or biological; if what is tried is a medicinal "
        "product, set the kind");
  }
}

std::optional<double> ReadAge(StudyRecordReader* reader, absl::string_view key) {
  const std::string path = absl::StrCat(kEligibility, ".", key);
  const auto text = reader->Text(path);
  if (!text.has_value() || absl::EqualsIgnoreCase(*text, "N/A")) return std::nullopt;
  const auto age = ParseAge(*text);
  if (age.ok()) return *age;
  reader->Fault(path, v1::ERROR_REASON_INVALID_FORMAT, age.status().message());
  return std::nullopt;
}

std::vector<v1::AgeGroup> ReadStandardAges(StudyRecordReader* reader) {
  std::set<v1::AgeGroup> groups;
  for (const FoundText& found : reader->Texts(absl::StrCat(kEligibility, ".stdAges"))) {
    if (found.text == "CHILD") {
      groups.insert(v1::AGE_GROUP_CHILD);
    } else if (found.text == "ADULT") {
      groups.insert(v1::AGE_GROUP_ADULT);
    } else if (found.text == "OLDER_ADULT") {
      groups.insert(v1::AGE_GROUP_OLDER_ADULT);
    } else {
      UnknownValue(found, "standard age", reader);
    }
  }
  return {groups.begin(), groups.end()};
}

void DeriveAgeGroups(StudyRecordReader* reader, DraftWriter* writer) {
  const auto least = ReadAge(reader, "minimumAge");
  const auto greatest = ReadAge(reader, "maximumAge");
  std::vector<v1::AgeGroup> groups = ReadStandardAges(reader);
  if (least.has_value() && greatest.has_value() && *least > *greatest) {
    reader->Fault(absl::StrCat(kEligibility, ".maximumAge"), v1::ERROR_REASON_CONTRADICTION,
                  "must not be below minimumAge");
    return;
  }
  const bool limits = least.has_value() || greatest.has_value();
  if (limits) groups = AgeGroupsWithin(least, greatest);
  if (groups.empty() || (!limits && groups.size() == 3)) {
    writer->Remark("population: the record states no limits of age, so age is not tested");
    return;
  }
  for (const v1::AgeGroup group : groups) {
    writer->draft().mutable_population()->add_age_groups(group);
    writer->Derived("population.age_groups", AgeGroupInWords(group),
                    absl::StrCat(kEligibility, limits ? ".minimumAge, .maximumAge" : ".stdAges"),
                    limits ? "the groups within the limits" : "the standard ages");
  }
  if (IsReadAsUntilAdulthood(least, greatest)) {
    writer->Remark(
        "population: a greatest age of 18 years is read as \"until the 18th birthday\": children");
  }
}

// A date of the registry: a day, or a month, which is taken as its first day.
std::optional<absl::CivilDay> ReadDate(StudyRecordReader* reader, absl::string_view path) {
  const auto text = reader->Text(path);
  if (!text.has_value()) return std::nullopt;
  const auto day = ParseDate(text->size() == 7 ? absl::StrCat(*text, "-01") : *text);
  if (day.ok()) return *day;
  reader->Fault(path, v1::ERROR_REASON_INVALID_FORMAT,
                absl::StrCat("\"", ShortenUtf8(*text, 40),
                             "\": must be a day (2026-03-31) or a month "
                             "(2026-03) that exists, 1900 to 2199"));
  return std::nullopt;
}

void DeriveRecruitment(absl::CivilDay start, absl::CivilDay completion, DraftWriter* writer) {
  int months = 1;
  while (months < kMaxRecruitmentMonths && AddMonths(start, months) < completion) ++months;
  writer->draft().set_recruitment_months(months);
  writer->Derived("recruitment_months", absl::StrCat(months),
                  absl::StrCat(kStart, ", ", kCompletion),
                  "months from start to primary completion, 1 to 60; follow-up may be part of it");
  if (AddMonths(start, months) < completion) {
    writer->Remark(absl::StrCat("recruitment_months: ", kMaxRecruitmentMonths,
                                ", the most that a request permits; the record says ",
                                FormatDate(start), " to ", FormatDate(completion)));
  }
}

}  // namespace

void DeriveKindAndPhase(StudyRecordReader* reader, DraftWriter* writer) {
  DeriveKind(reader, writer);
  DerivePhase(reader, writer);
}

void DerivePopulation(StudyRecordReader* reader, DraftWriter* writer) {
  DeriveAgeGroups(reader, writer);
  v1::Population& population = *writer->draft().mutable_population();
  const std::string sex_path = absl::StrCat(kEligibility, ".sex");
  if (const auto sex = reader->Text(sex_path); sex.has_value()) {
    v1::Sex value = v1::SEX_UNSPECIFIED;
    if (v1::Sex_Parse(absl::StrCat("SEX_", *sex), &value) && value != v1::SEX_UNSPECIFIED) {
      population.set_sex(value);
      writer->Derived("population.sex", *sex, sex_path, "as it stands");
    } else {
      UnknownValue({*sex, sex_path}, "sex", reader);
    }
  }
  const std::string healthy_path = absl::StrCat(kEligibility, ".healthyVolunteers");
  if (const auto healthy = reader->Flag(healthy_path); healthy.has_value()) {
    population.set_healthy_volunteers(*healthy);
    writer->Derived("population.healthy_volunteers", *healthy ? "yes" : "no", healthy_path,
                    "as it stands");
  }
}

void DeriveDates(StudyRecordReader* reader, absl::CivilDay today, DraftWriter* writer) {
  const auto start = ReadDate(reader, kStart);
  const auto completion = ReadDate(reader, kCompletion);
  if (start.has_value() && *start >= today) {
    writer->draft().set_first_patient_in_earliest(FormatDate(*start));
    writer->Derived("first_patient_in_earliest", FormatDate(*start), kStart,
                    "the start of the study; of a month its first day");
  } else if (start.has_value()) {
    writer->Remark(absl::StrCat("first_patient_in_earliest: the record's start, ",
                                FormatDate(*start), ", is past; give a date from today on"));
  }
  if (!start.has_value() || !completion.has_value()) return;
  if (*completion < *start) {
    reader->Fault(kCompletion, v1::ERROR_REASON_DATES_REVERSED,
                  "must not be before the start of the study");
    return;
  }
  DeriveRecruitment(*start, *completion, writer);
}

void DeriveEnrolment(StudyRecordReader* reader, absl::string_view country, DraftWriter* writer) {
  const auto count = reader->Integer(kEnrolment, 0, kMaxEnrolment);
  const std::vector<FoundText> countries = reader->TextsOf(kLocations, "country");
  if (!count.has_value() || *count == 0) return;
  const bool here = !countries.empty() &&
                    static_cast<int>(countries.size()) == reader->Count(kLocations) &&
                    std::all_of(countries.begin(), countries.end(), [&](const FoundText& found) {
                      return absl::EqualsIgnoreCase(found.text, country);
                    });
  if (here && *count <= kMaxPatientsWanted) {
    writer->draft().set_patients_wanted(*count);
    writer->Derived("patients_wanted", absl::StrCat(*count), kEnrolment,
                    "the enrolment, since every location lies in the country");
    return;
  }
  writer->Remark(absl::StrCat("patients_wanted: the record's enrolment of ", *count,
                              " is that of the whole study; give the number wanted in ", country));
}

}  // namespace trialgate::intake
