#include "services/intake/study_record_draft.h"
#include "common/base/utf8.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/intake/study_record.h"
#include "services/intake/study_record_specialities.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

// Limits of a trial request (trial_request.proto).
constexpr std::size_t kMaxTitleBytes = 1024;
constexpr std::size_t kMaxTextBytes = 32768;
constexpr std::size_t kMaxConditionBytes = 512;
constexpr std::size_t kMaxConditions = 32;
constexpr int kMaxConditionCodes = 16;
constexpr int kMaxExternalIds = 16;
constexpr std::size_t kMaxCodeBytes = 128;
constexpr std::size_t kMaxCodeDisplayBytes = 256;
constexpr std::size_t kMaxWordsShown = 80;

// As many texts, and as much of each, are compared with the pack's rules.
constexpr std::size_t kMaxEvidenceTexts = 256;
constexpr std::size_t kMaxEvidenceBytes = 512;

constexpr char kIdentification[] = "protocolSection.identificationModule";
constexpr char kConditions[] = "protocolSection.conditionsModule.conditions";
constexpr char kKeywords[] = "protocolSection.conditionsModule.keywords";
constexpr char kInterventions[] = "protocolSection.armsInterventionsModule.interventions";
constexpr char kMeshes[] = "derivedSection.conditionBrowseModule.meshes";
constexpr char kAncestors[] = "derivedSection.conditionBrowseModule.ancestors";

std::string Shown(absl::string_view text) {
  const std::string cut = ShortenUtf8(text, kMaxWordsShown);
  return cut.size() < text.size() ? absl::StrCat(cut, " …") : cut;
}

void DeriveTitle(StudyRecordReader* reader, DraftWriter* writer) {
  for (const absl::string_view key : {"briefTitle", "officialTitle"}) {
    const std::string path = absl::StrCat(kIdentification, ".", key);
    const auto title = reader->Text(path);
    if (!title.has_value()) continue;
    if (title->size() > kMaxTitleBytes) {
      reader->Fault(
          path, v1::ERROR_REASON_TOO_LONG,
          absl::StrCat("has ", title->size(), " bytes; must be at most ", kMaxTitleBytes));
      return;
    }
    writer->draft().set_title(*title);
    writer->Derived("title", Shown(*title), path, "the brief title, else the official one");
    return;
  }
}

void DeriveText(StudyRecordReader* reader, absl::string_view path, absl::string_view field,
                std::string* text, DraftWriter* writer) {
  const auto found = reader->Text(path);
  if (!found.has_value()) return;
  *text = ShortenUtf8(*found, kMaxTextBytes);
  writer->Derived(field, Shown(*text), path, "as it stands");
  if (text->size() < found->size()) {
    writer->Remark(absl::StrCat(field, ": cut to ", text->size(), " of ", found->size(),
                                " bytes; the whole text stays in the registry"));
  }
}

void AddExternalId(absl::string_view system, const std::string& code, absl::string_view path,
                   DraftWriter* writer) {
  auto& ids = *writer->draft().mutable_external_ids();
  const bool known =
      std::any_of(ids.begin(), ids.end(), [&](const v1::Code& id) { return id.code() == code; });
  if (known) return;
  if (ids.size() == kMaxExternalIds || code.size() > kMaxCodeBytes) {
    writer->Remark(absl::StrCat("external_ids: \"", Shown(code), "\" (", path,
                                ") is left out: too many ids, or too long"));
    return;
  }
  v1::Code* id = ids.Add();
  id->set_system(std::string(system));
  id->set_code(code);
  writer->Derived("external_ids", absl::StrCat(system, " ", code), path, "registry number");
}

bool HasDigits(absl::string_view text, absl::string_view pattern) {
  return text.size() == pattern.size() &&
         std::equal(text.begin(), text.end(), pattern.begin(), [](char is, char wanted) {
           return wanted == '0' ? absl::ascii_isdigit(is) : is == wanted;
         });
}

// By the form of the number: EU CT numbers have a 5 after the year, EudraCT numbers six digits.
absl::string_view SystemOf(absl::string_view id) {
  if (HasDigits(id, "0000-500000-00-00")) return "EU CT";
  if (HasDigits(id, "0000-000000-00")) return "EudraCT";
  return "other";
}

void DeriveIds(StudyRecordReader* reader, DraftWriter* writer) {
  const std::string nct_path = absl::StrCat(kIdentification, ".nctId");
  if (const auto nct = reader->Text(nct_path); nct.has_value()) {
    if (HasDigits(*nct, "NCT00000000")) {
      AddExternalId("NCT", *nct, nct_path, writer);
    } else {
      reader->Fault(nct_path, v1::ERROR_REASON_INVALID_FORMAT, "must be \"NCT\" and eight digits");
    }
  }
  const std::string list = absl::StrCat(kIdentification, ".secondaryIdInfos");
  for (const FoundText& found : reader->TextsOf(list, "id")) {
    AddExternalId(SystemOf(found.text), found.text, found.path, writer);
  }
  const std::string org_path = absl::StrCat(kIdentification, ".orgStudyIdInfo.id");
  if (const auto id = reader->Text(org_path); id.has_value()) {
    const absl::string_view system = SystemOf(*id);
    AddExternalId(system == "other" ? "protocol" : system, *id, org_path, writer);
  }
}

// The MeSH terms of the record, as codes. Ids and names are lists of the same objects.
std::vector<v1::Code> MeshCodes(StudyRecordReader* reader, DraftWriter* writer) {
  const std::vector<FoundText> ids = reader->TextsOf(kMeshes, "id");
  const std::vector<FoundText> terms = reader->TextsOf(kMeshes, "term");
  std::vector<v1::Code> codes;
  for (std::size_t i = 0; i < ids.size() && ids.size() == terms.size(); ++i) {
    if (!IsMeshDescriptor(ids[i].text)) {
      writer->Remark(absl::StrCat("conditions: \"", Shown(terms[i].text), "\" (", ids[i].path,
                                  ") is left out: no MeSH descriptor"));
      continue;
    }
    v1::Code code;
    code.set_system("MeSH");
    code.set_code(NormalMeshId(ids[i].text));
    code.set_display(ShortenUtf8(terms[i].text, kMaxCodeDisplayBytes));
    codes.push_back(code);
  }
  return codes;
}

// Gives each code to the condition of the same name, or to the only one; others become conditions
// of their own.
void AddCodes(const std::vector<v1::Code>& codes, DraftWriter* writer) {
  auto& conditions = *writer->draft().mutable_conditions();
  const int in_words = conditions.size();
  for (const v1::Code& code : codes) {
    auto owner = std::find_if(conditions.begin(), conditions.end(), [&](const auto& condition) {
      return absl::EqualsIgnoreCase(condition.text(), code.display());
    });
    if (owner == conditions.end() && in_words == 1) owner = conditions.begin();
    if (owner != conditions.end()) {
      if (owner->codes_size() < kMaxConditionCodes) *owner->add_codes() = code;
    } else if (static_cast<std::size_t>(conditions.size()) < kMaxConditions) {
      v1::Condition* condition = conditions.Add();
      condition->set_text(code.display());
      *condition->add_codes() = code;
    }
    writer->Derived("conditions", absl::StrCat(code.display(), " (", code.code(), ")"), kMeshes,
                    "MeSH terms that the registry derived");
  }
}

std::vector<FoundText> Bounded(std::vector<FoundText> texts) {
  if (texts.size() > kMaxEvidenceTexts) texts.resize(kMaxEvidenceTexts);
  for (FoundText& found : texts) found.text = ShortenUtf8(found.text, kMaxEvidenceBytes);
  return texts;
}

ConditionEvidence EvidenceOf(StudyRecordReader* reader, const v1::TrialRequest& draft) {
  ConditionEvidence evidence;
  evidence.mesh_terms = Bounded(reader->TextsOf(kMeshes, "id"));
  evidence.mesh_ancestors = Bounded(reader->TextsOf(kAncestors, "id"));
  evidence.conditions = Bounded(reader->Texts(kConditions));
  evidence.keywords = Bounded(reader->Texts(kKeywords));
  for (const absl::string_view key : {"briefTitle", "officialTitle"}) {
    const std::string path = absl::StrCat(kIdentification, ".", key);
    if (const auto title = reader->Text(path); title.has_value()) {
      evidence.titles.push_back({ShortenUtf8(*title, kMaxTitleBytes), path});
    }
  }
  for (FoundText& name : Bounded(reader->TextsOf(kInterventions, "name"))) {
    evidence.titles.push_back(std::move(name));
  }
  for (const int group : draft.population().age_groups()) {
    evidence.age_groups.push_back(static_cast<v1::AgeGroup>(group));
  }
  return evidence;
}

}  // namespace

void DraftWriter::Derived(absl::string_view field, absl::string_view value, absl::string_view from,
                          absl::string_view rule) {
  v1::FieldDerivation* derivation = response_.add_derivations();
  derivation->set_field(std::string(field));
  derivation->set_value(std::string(value));
  derivation->set_from(std::string(from));
  derivation->set_rule(std::string(rule));
}

void DeriveTexts(StudyRecordReader* reader, DraftWriter* writer) {
  DeriveTitle(reader, writer);
  DeriveText(reader, "protocolSection.descriptionModule.briefSummary", "synopsis",
             writer->draft().mutable_synopsis(), writer);
  DeriveText(reader, "protocolSection.eligibilityModule.eligibilityCriteria",
             "eligibility_criteria", writer->draft().mutable_eligibility_criteria(), writer);
  DeriveIds(reader, writer);
}

void DeriveConditions(StudyRecordReader* reader, DraftWriter* writer) {
  std::vector<FoundText> found = reader->Texts(kConditions);
  if (found.empty()) {
    reader->Fault(kConditions, v1::ERROR_REASON_REQUIRED, "must name at least one condition");
    return;
  }
  if (found.size() > kMaxConditions) {
    writer->Remark(
        absl::StrCat("conditions: the first ", kMaxConditions, " of ", found.size(), " are taken"));
    found.resize(kMaxConditions);
  }
  for (const FoundText& condition : found) {
    if (condition.text.size() > kMaxConditionBytes) {
      reader->Fault(condition.path, v1::ERROR_REASON_TOO_LONG,
                    absl::StrCat("must be at most ", kMaxConditionBytes, " bytes"));
      continue;
    }
    const auto& taken = writer->draft().conditions();
    if (std::any_of(taken.begin(), taken.end(),
                    [&](const auto& other) { return other.text() == condition.text; })) {
      continue;
    }
    writer->draft().add_conditions()->set_text(condition.text);
    writer->Derived("conditions", Shown(condition.text), condition.path, "as it stands");
  }
  AddCodes(MeshCodes(reader, writer), writer);
  reader->TextsOf(kAncestors, "id");  // told here if it is of a wrong type
  reader->Texts(kKeywords);
}

void DeriveSpecialities(StudyRecordReader* reader, const v1::Pack& settings, DraftWriter* writer) {
  const ConditionEvidence evidence = EvidenceOf(reader, writer->draft());
  const auto found = FindSpecialities(settings.condition_rules(), evidence);
  if (found.empty()) {
    writer->Remark(
        "specialities: nothing in the record names one; give them, or every site is considered");
    return;
  }
  if (found.size() > kMaxDerivedSpecialities) {
    const auto id = [](std::string* out, const FoundSpeciality& one) { *out += one.speciality; };
    writer->Remark(absl::StrCat("specialities: the record points to ", found.size(), " (",
                                absl::StrJoin(found, ", ", id),
                                "): too many to choose by rule; give those that count"));
    return;
  }
  for (const FoundSpeciality& one : found) {
    writer->draft().add_specialities(one.speciality);
    writer->Derived("specialities", one.speciality, one.evidence.path,
                    absl::StrCat(one.rule->reason(), " (\"", Shown(one.evidence.text), "\", rule ",
                                 one.rule->id(), ", rank ", one.rule->rank(), ")"));
  }
  if (found.size() > 1) {
    writer->draft().set_speciality_mode(v1::SPECIALITY_MODE_ANY);
    writer->Remark("specialities: a site needs any of them; ask for all if both are needed");
  }
}

void ListMissing(DraftWriter* writer) {
  const v1::TrialRequest& draft = writer->draft();
  writer->Missing("requester");
  writer->Missing("intent");
  writer->Missing("contact");
  if (draft.kind() == v1::TRIAL_KIND_UNSPECIFIED) writer->Missing("kind");
  if (draft.title().empty()) writer->Missing("title");
  if (draft.phase() == v1::PHASE_UNSPECIFIED) writer->Missing("phase");
  if (draft.first_patient_in_earliest().empty()) writer->Missing("first_patient_in_earliest");
  if (draft.recruitment_months() == 0) writer->Missing("recruitment_months");
}

}  // namespace trialgate::intake
