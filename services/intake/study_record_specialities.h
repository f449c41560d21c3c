// Which specialities a study belongs to, by the condition rules of a country's pack.
#ifndef TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_SPECIALITIES_H_
#define TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_SPECIALITIES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/intake/study_record_reader.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::intake {

// Keywords are chosen freely and name side issues too: a word found there counts this much less
// than in a condition, but at least 1.
inline constexpr int kKeywordRankLoss = 10;

// What a study record says of its conditions.
struct ConditionEvidence {
  std::vector<FoundText> mesh_terms;      // descriptor ids
  std::vector<FoundText> mesh_ancestors;  // descriptor ids
  std::vector<FoundText> conditions;
  std::vector<FoundText> keywords;
  std::vector<FoundText>
      titles;  // and names of interventions: read only where nothing else is found
  std::vector<v1::AgeGroup> age_groups;  // empty: not confined
};

struct FoundSpeciality {
  std::string speciality;
  const v1::ConditionRule* rule;  // of those given to FindSpecialities
  FoundText evidence;
};

// The specialities of the rules of the highest rank that apply, in the order of the rules, each
// once. Rules that name age groups apply where the population is confined to these; they are ranked
// among themselves and come after the others. The word "*" matches any text.
std::vector<FoundSpeciality> FindSpecialities(
    const google::protobuf::RepeatedPtrField<v1::ConditionRule>& rules,
    const ConditionEvidence& evidence);

// Whether the words of `phrase` follow each other in `text` as whole words, case and punctuation
// apart (apostrophes do not part words: "Crohn's" is "crohns"); the last may end in "*", which
// matches any ending.
bool HasPhrase(absl::string_view text, absl::string_view phrase);

// A descriptor id as MeSH writes it: registries pad some with more zeros ("D000007172" is
// "D007172"). Anything that is no descriptor id comes back as it is.
std::string NormalMeshId(absl::string_view id);

// Whether `id` is that of a descriptor ("D…"), not of a supplementary record.
bool IsMeshDescriptor(absl::string_view id);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_STUDY_RECORD_SPECIALITIES_H_
