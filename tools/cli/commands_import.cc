#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

constexpr std::size_t kMaxStudyRecordBytes = 4 << 20;

// What the study record does not tell, or the requester knows better.
struct ImportOptions {
  std::string file;
  std::string requester, sponsor, kind, phase, title, blinded_title;
  // No study record tells it, and who imports one mostly sponsors the trial.
  std::string intent = "SPONSOR";
  std::string first_patient_in, latest, deadline, urgency, confidentiality;
  std::string contact_name, contact_email, contact_phone;
  std::optional<std::int32_t> months, sites;
  std::optional<std::int64_t> patients;
  std::vector<std::string> specialities, regions, preferred_regions, capabilities,
      preferred_capabilities, already_contacted;
  bool submit = false;
  ChangeFlags change;
};

// Puts the value that `word` names into `set`, or adds a fault.
template <typename E, typename Setter>
void SetEnum(const std::string& word, const std::string& flag, FieldFaults* faults, Setter set) {
  if (word.empty()) return;
  const absl::StatusOr<E> value = ParseWord<E>(word);
  if (value.ok()) {
    set(*value);
  } else {
    faults->Add(flag, v1::ERROR_REASON_UNKNOWN_VALUE, std::string(value.status().message()));
  }
}

// A list given by flags takes the place of the one derived.
void SetNames(const std::vector<std::string>& given, const std::string& collection,
              google::protobuf::RepeatedPtrField<std::string>* names) {
  if (given.empty()) return;
  names->Clear();
  for (const std::string& name : given) {
    *names->Add() = collection.empty() ? name : FullName(collection, name);
  }
}

void SetTexts(const ImportOptions& options, v1::TrialRequest* draft) {
  if (!options.requester.empty()) {
    draft->set_requester(FullName("organizations", options.requester));
  }
  if (!options.sponsor.empty()) draft->set_sponsor(FullName("organizations", options.sponsor));
  if (!options.title.empty()) draft->set_title(options.title);
  if (!options.blinded_title.empty()) draft->set_blinded_title(options.blinded_title);
  if (!options.first_patient_in.empty()) {
    draft->set_first_patient_in_earliest(options.first_patient_in);
  }
  if (!options.latest.empty()) draft->set_first_patient_in_latest(options.latest);
  if (!options.deadline.empty()) draft->set_response_deadline(options.deadline);
  if (!options.contact_name.empty()) {
    draft->mutable_contact()->set_display_name(options.contact_name);
  }
  if (!options.contact_email.empty()) draft->mutable_contact()->set_email(options.contact_email);
  if (!options.contact_phone.empty()) draft->mutable_contact()->set_phone(options.contact_phone);
}

void SetEnums(const ImportOptions& options, v1::TrialRequest* draft, FieldFaults* faults) {
  SetEnum<v1::TrialKind>(options.kind, "--kind", faults, [&](auto v) { draft->set_kind(v); });
  SetEnum<v1::Intent>(options.intent, "--intent", faults, [&](auto v) { draft->set_intent(v); });
  SetEnum<v1::Phase>(options.phase, "--phase", faults, [&](auto v) { draft->set_phase(v); });
  SetEnum<v1::Urgency>(options.urgency, "--urgency", faults,
                       [&](auto v) { draft->set_urgency(v); });
  SetEnum<v1::Confidentiality>(options.confidentiality, "--confidentiality", faults,
                               [&](auto v) { draft->set_confidentiality(v); });
}

absl::Status FillIn(const ImportOptions& options, v1::TrialRequest* draft) {
  FieldFaults faults;
  SetTexts(options, draft);
  SetEnums(options, draft, &faults);
  if (options.months) draft->set_recruitment_months(*options.months);
  if (options.sites) draft->set_sites_wanted(*options.sites);
  if (options.patients) draft->set_patients_wanted(*options.patients);
  SetNames(options.specialities, "", draft->mutable_specialities());
  SetNames(options.regions, "regions", draft->mutable_regions_wanted());
  SetNames(options.preferred_regions, "regions", draft->mutable_regions_preferred());
  SetNames(options.capabilities, "", draft->mutable_required_capabilities());
  SetNames(options.preferred_capabilities, "", draft->mutable_preferred_capabilities());
  SetNames(options.already_contacted, "sites", draft->mutable_sites_already_contacted());
  return faults.empty() ? absl::OkStatus() : UsageError(faults);
}

// Whether `field` of the draft, or the part of it that "contact.email" names, has a value.
bool IsFilled(const google::protobuf::Message& message, const std::string& field) {
  const std::size_t dot = field.find('.');
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(field.substr(0, dot));
  if (descriptor == nullptr) return false;
  const auto* reflection = message.GetReflection();
  if (descriptor->is_repeated()) return reflection->FieldSize(message, descriptor) > 0;
  if (!reflection->HasField(message, descriptor)) return false;
  if (dot == std::string::npos) return true;
  return descriptor->message_type() != nullptr &&
         IsFilled(reflection->GetMessage(message, descriptor), field.substr(dot + 1));
}

// `field` of `message` in words.
std::string ValueWords(const google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor* field) {
  const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
  std::vector<std::string> values;
  for (int i = 0; i < size; ++i) {
    std::string value;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetUseUtf8StringEscaping(true);
    printer.PrintFieldValueToString(message, field, field->is_repeated() ? i : -1, &value);
    values.push_back(value);
  }
  return Joined(values);
}

// Where flags took the place of what was derived, the derivation no longer tells the truth.
void ReplaceDerivations(const v1::TrialRequest& derived, v1::ImportStudyRecordResponse* imported) {
  const v1::TrialRequest& draft = imported->draft();
  auto* derivations = imported->mutable_derivations();
  for (int i = 0; i < draft.GetDescriptor()->field_count(); ++i) {
    const auto* field = draft.GetDescriptor()->field(i);
    google::protobuf::util::MessageDifferencer same;
    if (same.CompareWithFields(derived, draft, {field}, {field})) continue;
    const auto gone = std::remove_if(
        derivations->begin(), derivations->end(), [&](const v1::FieldDerivation& derivation) {
          return derivation.field().substr(0, derivation.field().find('.')) == field->name();
        });
    derivations->erase(gone, derivations->end());
    v1::FieldDerivation* given = derivations->Add();
    given->set_field(field->name());
    given->set_value(ValueWords(draft, field));
    given->set_from(FlagOfField(field->name()));
    given->set_rule("by the flag, or its default");
  }
}

// What flags have filled in is no longer missing.
void DropFilled(v1::ImportStudyRecordResponse* imported) {
  google::protobuf::RepeatedPtrField<std::string> missing;
  for (const std::string& field : imported->missing()) {
    if (!IsFilled(imported->draft(), field)) *missing.Add() = field;
  }
  *imported->mutable_missing() = missing;
}

std::string MissingWords(const v1::ImportStudyRecordResponse& imported) {
  std::string words = "Missing:";
  for (const std::string& field : imported.missing()) {
    const std::string flag = FlagOfField(field);
    absl::StrAppend(&words, "\n  ", field, flag.empty() ? "" : "  ", flag);
  }
  return words;
}

absl::Status Import(Session& session, const ImportOptions& options) {
  v1::ImportStudyRecordRequest request;
  ABSL_ASSIGN_OR_RETURN(*request.mutable_study_record(),
                        ReadFile(options.file, kMaxStudyRecordBytes, session.in()));
  // Flags are looked at first: a fault in them should not wait for the server's answer.
  v1::TrialRequest ignored;
  ABSL_RETURN_IF_ERROR(FillIn(options, &ignored));
  ABSL_ASSIGN_OR_RETURN(v1::ImportStudyRecordResponse imported, session.client().Call(request));
  const v1::TrialRequest derived = imported.draft();
  ABSL_RETURN_IF_ERROR(FillIn(options, imported.mutable_draft()));
  ReplaceDerivations(derived, &imported);
  DropFilled(&imported);
  if ((session.for_programs() || options.submit) && imported.missing_size() > 0) {
    session.Note(MissingWords(imported));
  }
  if (options.submit) return SubmitAndShow(session, imported.draft(), options.change);
  session.Show(imported.draft(), RenderImport(imported, session.screen()));
  return absl::OkStatus();
}

void AddDescriptionFlags(CLI::App* command, ImportOptions* options) {
  command->add_option("--requester", options->requester, "Organization that submits");
  command->add_option("--sponsor", options->sponsor, "Organization for which it asks");
  command->add_option("--title", options->title, "Title instead of the record's");
  command->add_option("--blinded-title", options->blinded_title,
                      "Title that reveals neither sponsor nor product");
  command->add_option("--kind", options->kind, Choices(*v1::TrialKind_descriptor()));
  command->add_option("--intent", options->intent, Choices(*v1::Intent_descriptor()))
      ->capture_default_str();
  command->add_option("--phase", options->phase, Choices(*v1::Phase_descriptor()));
  AddRepeated(command, "--speciality", &options->specialities,
              "A speciality wanted, by id, instead of those derived");
  command->add_option("--urgency", options->urgency, Choices(*v1::Urgency_descriptor()));
  command->add_option("--confidentiality", options->confidentiality,
                      Choices(*v1::Confidentiality_descriptor()));
  command->add_option("--contact-name", options->contact_name, "Whom desks reach");
  command->add_option("--contact-email", options->contact_email, "Where");
  command->add_option("--contact-phone", options->contact_phone, "And by telephone");
}

void AddPlanFlags(CLI::App* command, ImportOptions* options) {
  command->add_option("--first-patient-in", options->first_patient_in,
                      "Earliest planned first patient in, YYYY-MM-DD");
  command->add_option("--latest", options->latest, "Latest planned first patient in, YYYY-MM-DD");
  command->add_option("--months", options->months, "Months of recruitment, 1 to 60");
  command->add_option("--patients", options->patients, "Patients wanted in the country");
  command->add_option("--sites", options->sites, "Sites wanted in the country");
  AddRepeated(command, "--region", &options->regions, "A region in which sites must stand");
  AddRepeated(command, "--prefer-region", &options->preferred_regions,
              "A region in which sites should stand");
  AddRepeated(command, "--capability", &options->capabilities,
              "A capability that a site must have, by id");
  AddRepeated(command, "--prefer-capability", &options->preferred_capabilities,
              "A capability that a site should have, by id");
  AddRepeated(command, "--already-contacted", &options->already_contacted,
              "A site already contacted");
  command->add_option("--deadline", options->deadline,
                      "Last date on which an answer is of use, YYYY-MM-DD");
}

}  // namespace

void AddRequestImportCommand(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* command = group.add_subcommand(
      "import",
      "Derive a draft request from a ClinicalTrials.gov v2 study record; nothing is stored");
  command->add_option("FILE", options->file, "Study record, JSON; - is standard input")->required();
  AddDescriptionFlags(command, options.get());
  AddPlanFlags(command, options.get());
  command->add_flag("--submit", options->submit, "Submit the draft at once");
  AddChangeFlags(command, &options->change, /*with_etag=*/false);
  command->footer("-o json prints the draft as `request submit` takes it.");
  OnCall(command, session, [&session, options] { return Import(session, *options); });
}

}  // namespace trialgate::cli
