#include "tools/registry/registered_trial.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/utf8.h"
#include "services/intake/study_record.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::registry {
namespace {

using Json = nlohmann::json;

// Limits of a study record that a title must keep (services/intake/study_record.h).
constexpr std::size_t kMaxTitleBytes = 1000;
constexpr std::size_t kMaxConditionBytes = 500;
constexpr double kMaxAge = 120;

const Json& At(const Json& object, absl::string_view path) {
  static const auto* const absent = new Json();
  const Json* found = &object;
  for (const absl::string_view key : absl::StrSplit(path, '.')) {
    if (!found->is_object()) return *absent;
    const auto entry = found->find(std::string(key));
    if (entry == found->end()) return *absent;
    found = &*entry;
  }
  return *found;
}

// Texts and numbers as text, blanks run together; of anything else nothing.
std::string Text(const Json& object, absl::string_view path) {
  const Json& value = At(object, path);
  std::string text;
  if (value.is_string()) text = value.get<std::string>();
  if (value.is_number()) text = value.dump();
  absl::StrReplaceAll({{"\n", " "}, {"\r", " "}, {"\t", " "}}, &text);
  absl::RemoveExtraAsciiWhitespace(&text);
  return text;
}

// A day, or a month, which is taken as its first day.
std::optional<absl::CivilDay> Day(const Json& object, absl::string_view path) {
  const std::string text = Text(object, path);
  const auto day = ParseDate(text.size() == 7 ? absl::StrCat(text, "-01") : text);
  return day.ok() ? std::optional(*day) : std::nullopt;
}

void AddId(const std::string& id, std::vector<std::string>* ids) {
  if (!id.empty() && std::find(ids->begin(), ids->end(), id) == ids->end()) ids->push_back(id);
}

absl::Status NoList(absl::string_view why) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS,
               absl::StrCat("the list of trials ", why));
}

Json PhasesOf(const std::string& words) {
  Json phases = Json::array();
  if (absl::StrContains(words, "Early")) return Json::array({"EARLY_PHASE1"});
  for (const char digit : words) {
    if (digit >= '1' && digit <= '4')
      phases.push_back(absl::StrCat("PHASE", std::string(1, digit)));
  }
  return phases.empty() ? Json::array({"NA"}) : phases;
}

// Without any named, trials of the European register are of medicines: no other are in it.
Json InterventionsOf(const Json& row) {
  const std::string types = Text(row, "intervention_types_combined");
  Json interventions = Json::array();
  for (absl::string_view type : absl::StrSplit(types.empty() ? "Drug" : types, '|')) {
    const std::string name = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(type));
    interventions.push_back({{"type", absl::StrReplaceAll(name, {{" ", "_"}})}});
  }
  const std::string names = Text(row, "intervention_names_comb");
  if (!names.empty()) interventions[0]["name"] = ShortenUtf8(names, kMaxConditionBytes);
  return interventions;
}

// A whole number and its unit; empty where there is none. Lists write "18", 18 and 18.0.
std::string Age(const Json& row, absl::string_view limit) {
  double age = -1;
  if (!absl::SimpleAtod(Text(row, absl::StrCat(limit, "_age_num")), &age)) return "";
  if (!(age >= 0 && age <= kMaxAge)) return "";
  const std::string unit = Text(row, absl::StrCat(limit, "_age_unit"));
  return absl::StrCat(static_cast<int>(age), " ", unit.empty() ? "Years" : unit);
}

Json EligibilityOf(const Json& row) {
  Json eligibility = Json::object();
  const std::string least = Age(row, "minimum");
  const std::string greatest = Age(row, "maximum");
  if (!least.empty()) eligibility["minimumAge"] = least;
  if (!greatest.empty()) eligibility["maximumAge"] = greatest;
  return eligibility;
}

// What the list tells of a trial, as a study record.
Json RecordOf(const Json& row, const RegisteredTrial& trial) {
  Json identification = Json::object();
  if (!trial.title.empty()) identification["briefTitle"] = trial.title;
  const std::string official = ShortenUtf8(Text(row, "official_title"), kMaxTitleBytes);
  if (!official.empty()) identification["officialTitle"] = official;
  Json conditions = Json::array();
  for (const std::string& title : {trial.title, official}) {
    if (title.empty()) continue;
    const std::string condition = ShortenUtf8(title, kMaxConditionBytes);
    if (conditions.empty() || conditions[0] != condition) conditions.push_back(condition);
  }
  if (conditions.empty()) conditions.push_back("not told");
  return {{"protocolSection",
           {{"identificationModule", identification},
            {"conditionsModule", {{"conditions", conditions}}},
            {"designModule",
             {{"studyType", "INTERVENTIONAL"}, {"phases", PhasesOf(Text(row, "phase"))}}},
            {"armsInterventionsModule", {{"interventions", InterventionsOf(row)}}},
            {"eligibilityModule", EligibilityOf(row)}}}};
}

RegisteredTrial TrialOf(const Json& row) {
  RegisteredTrial trial;
  for (const char* key : {"main_id", "nct_id", "eudract_id"}) AddId(Text(row, key), &trial.ids);
  trial.title = ShortenUtf8(Text(row, "trial_title"), kMaxTitleBytes);
  trial.registered = Day(row, "registration_date");
  trial.started = Day(row, "start_date");
  trial.completed = Day(row, "completion_date");
  trial.record = RecordOf(row, trial).dump();
  TrialPlace lead;
  const std::string affiliation = Text(row, "PI_affiliation");
  if (!affiliation.empty()) lead.texts.push_back(affiliation);
  for (absl::string_view name : absl::StrSplit(Text(row, "lead_institution"), ';')) {
    if (!name.empty()) lead.texts.push_back(std::string(name));
  }
  lead.region_code = Text(row, "lead_region_iso");
  trial.has_lead = true;
  trial.places.push_back(std::move(lead));
  return trial;
}

}  // namespace

absl::StatusOr<RegisteredTrial> ReadStudyRecord(absl::string_view json, absl::string_view country) {
  if (json.size() > intake::kMaxStudyRecordBytes) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS,
                 "the study record is too long");
  }
  const Json record = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  const Json& protocol = At(record, "protocolSection");
  if (!protocol.is_object()) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_MALFORMED_JSON,
                 "this is no study record in the shape of ClinicalTrials.gov's API v2");
  }
  RegisteredTrial trial;
  AddId(Text(protocol, "identificationModule.nctId"), &trial.ids);
  for (const Json& other : At(protocol, "identificationModule.secondaryIdInfos")) {
    AddId(Text(other, "id"), &trial.ids);
  }
  if (trial.ids.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS,
                 "the study record has no number");
  }
  trial.title = Text(protocol, "identificationModule.briefTitle");
  trial.registered = Day(protocol, "statusModule.studyFirstSubmitDate");
  trial.started = Day(protocol, "statusModule.startDateStruct.date");
  trial.completed = Day(protocol, "statusModule.completionDateStruct.date");
  trial.record = std::string(json);
  for (const Json& location : At(protocol, "contactsLocationsModule.locations")) {
    if (!absl::EqualsIgnoreCase(Text(location, "country"), country)) continue;
    trial.places.push_back(
        {{Text(location, "facility")}, Text(location, "city"), Text(location, "zip"), ""});
  }
  return trial;
}

absl::StatusOr<std::vector<RegisteredTrial>> ReadTrialList(absl::string_view json) {
  if (json.size() > kMaxListBytes) return NoList("is too long");
  const Json rows = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!rows.is_array()) return NoList("is no JSON array");
  if (rows.size() > kMaxTrials) return NoList(absl::StrCat("has more than ", kMaxTrials));
  std::vector<RegisteredTrial> trials;
  for (const Json& row : rows) {
    if (!row.is_object()) return NoList("holds something that is no object");
    trials.push_back(TrialOf(row));
    if (trials.back().ids.empty()) return NoList("holds a trial without a number");
  }
  return trials;
}

}  // namespace trialgate::registry
