#include "services/routing/directory_answer.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace trialgate::routing {
namespace {

// The value alone, with its source where the field has one of its own.
using Found = std::optional<v1::QuestionAnswer>;

Found Number(double number, const v1::Source& source) {
  v1::QuestionAnswer answer;
  answer.set_number(number);
  *answer.mutable_source() = source;
  return answer;
}

template <typename List>
Found Text(const List& values) {
  if (values.empty()) return std::nullopt;
  v1::QuestionAnswer answer;
  answer.set_text(absl::StrJoin(values, ", "));
  return answer;
}

// The single phases of which a trial of `phase` needs experience.
std::vector<v1::Phase> SinglePhases(v1::Phase phase) {
  switch (phase) {
    case v1::PHASE_UNSPECIFIED:
    case v1::PHASE_NOT_APPLICABLE:
      return {};
    case v1::PHASE_PHASE1_PHASE2:
      return {v1::PHASE_PHASE1, v1::PHASE_PHASE2};
    case v1::PHASE_PHASE2_PHASE3:
      return {v1::PHASE_PHASE2, v1::PHASE_PHASE3};
    default:
      return {phase};
  }
}

Found TrialsOfPhase(v1::Phase phase, const v1::Site& site) {
  Found fewest;
  for (const v1::Phase single : SinglePhases(phase)) {
    // A phase that is not listed is not run.
    Found found = Number(0, site.source());
    for (const v1::PhaseExperience& experience : site.phases()) {
      if (experience.phase() != single) continue;
      found = Number(experience.trials_five_years(), experience.source());
    }
    if (!fewest.has_value() || found->number() < fewest->number()) fewest = found;
  }
  return fewest;
}

Found RecruitedPatients(const std::string& speciality, const v1::Site& site) {
  const v1::Source* source = nullptr;
  std::int64_t patients = 0;
  for (const v1::RecruitmentHistory& row : site.history()) {
    if (!speciality.empty() && row.speciality() != speciality) continue;
    patients += row.actual();
    // A sum of which a part is invented is invented.
    if (source == nullptr || row.source().kind() == v1::SOURCE_KIND_SAMPLE) source = &row.source();
  }
  if (source == nullptr) return std::nullopt;
  return Number(static_cast<double>(patients), *source);
}

Found Specialities(const v1::Site& site, const directory::DirectorySnapshot& directory) {
  std::vector<std::string> names;
  for (const std::string& id : site.specialities()) {
    names.push_back(id);
    for (const v1::Term& term : directory.settings().specialities()) {
      if (term.id() == id && !term.display_name().empty()) names.back() = term.display_name();
    }
  }
  return Text(names);
}

Found AgeGroups(const v1::Site& site) {
  std::vector<std::string> names;
  for (const int group : site.age_groups()) {
    const std::string& name = v1::AgeGroup_Name(static_cast<v1::AgeGroup>(group));
    names.push_back(absl::StrReplaceAll(
        absl::AsciiStrToLower(absl::StripPrefix(name, "AGE_GROUP_")), {{"_", " "}}));
  }
  return Text(names);
}

Found ValueOf(const v1::Question& question, const v1::TrialRequest& request, const v1::Site& site,
              const directory::DirectorySnapshot& directory) {
  switch (question.directory_field()) {
    case v1::DIRECTORY_FIELD_START_UP_MEDIAN_DAYS:
      if (!site.has_start_up()) return std::nullopt;
      return Number(site.start_up().median_days(), site.start_up().source());
    case v1::DIRECTORY_FIELD_START_UP_P90_DAYS:
      if (site.start_up().p90_days() == 0) return std::nullopt;
      return Number(site.start_up().p90_days(), site.start_up().source());
    case v1::DIRECTORY_FIELD_TRIALS_OF_PHASE:
      return TrialsOfPhase(request.phase(), site);
    case v1::DIRECTORY_FIELD_CAPABILITY: {
      v1::QuestionAnswer answer;
      answer.set_yes(std::find(site.capabilities().begin(), site.capabilities().end(),
                               question.directory_argument()) != site.capabilities().end());
      return answer;
    }
    case v1::DIRECTORY_FIELD_LANGUAGES:
      return Text(site.languages());
    case v1::DIRECTORY_FIELD_ACCREDITATIONS:
      return Text(site.accreditations());
    case v1::DIRECTORY_FIELD_SPECIALITIES:
      return Specialities(site, directory);
    case v1::DIRECTORY_FIELD_AGE_GROUPS:
      return AgeGroups(site);
    case v1::DIRECTORY_FIELD_RECRUITED_PATIENTS:
      return RecruitedPatients(question.directory_argument(), site);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<v1::QuestionAnswer> AnswerFromDirectory(
    const v1::Question& question, const v1::TrialRequest& request, const v1::Site& site,
    const directory::DirectorySnapshot& directory) {
  Found answer = ValueOf(question, request, site, directory);
  if (!answer.has_value()) return std::nullopt;
  if (!answer->has_source()) *answer->mutable_source() = site.source();
  if (answer->source().as_of().empty()) {
    answer->mutable_source()->set_as_of(site.review().date());
  }
  answer->set_question(question.id());
  answer->set_site(site.name());
  answer->set_prefilled(true);
  return answer;
}

}  // namespace trialgate::routing
