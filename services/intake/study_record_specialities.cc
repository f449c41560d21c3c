#include "services/intake/study_record_specialities.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace trialgate::intake {
namespace {

// MeSH numbered its descriptors with six digits up to about here, and with nine from here on.
constexpr std::int64_t kLastSixDigitDescriptor = 66400;

// The words of a text, lower case, parted by single blanks. Characters beyond ASCII belong to
// words; the capitals of the Latin-1 letters among them (Æ, Ø, Å, Ö …) are made small.
std::string WordsOf(absl::string_view text) {
  std::string words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool apostrophe = text[i] == '\'' || text.substr(i, 3) == "\u2019";
    if (apostrophe) {
      if (text[i] != '\'') i += 2;
    } else if (byte == 0xC3 && i + 1 < text.size()) {
      const auto second = static_cast<unsigned char>(text[++i]);
      const bool capital = second >= 0x80 && second <= 0x9E && second != 0x97;
      words += {static_cast<char>(byte), static_cast<char>(capital ? second + 0x20 : second)};
    } else if (absl::ascii_isalnum(byte) || byte >= 0x80) {
      words += absl::ascii_tolower(byte);
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
  return std::string(absl::StripTrailingAsciiWhitespace(words));
}

// Texts or ids made ready to be compared with many rules, each with the text that it is from.
using Prepared = std::vector<std::pair<std::string, const FoundText*>>;

std::string PaddedWords(absl::string_view text) { return absl::StrCat(" ", WordsOf(text), " "); }

Prepared Prepare(const std::vector<FoundText>& texts, std::string (*make)(absl::string_view)) {
  Prepared prepared;
  for (const FoundText& found : texts) prepared.emplace_back(make(found.text), &found);
  return prepared;
}

struct PreparedEvidence {
  explicit PreparedEvidence(const ConditionEvidence& evidence)
      : mesh_terms(Prepare(evidence.mesh_terms, NormalMeshId)),
        mesh_ancestors(Prepare(evidence.mesh_ancestors, NormalMeshId)),
        conditions(Prepare(evidence.conditions, PaddedWords)),
        keywords(Prepare(evidence.keywords, PaddedWords)),
        titles(Prepare(evidence.titles, PaddedWords)) {}

  Prepared mesh_terms;
  Prepared mesh_ancestors;
  Prepared conditions;
  Prepared keywords;
  Prepared titles;
};

const FoundText* FindCode(const Prepared& ids,
                          const google::protobuf::RepeatedPtrField<std::string>& wanted) {
  for (const std::string& code : wanted) {
    const std::string normal = NormalMeshId(code);
    for (const auto& [id, found] : ids) {
      if (id == normal) return found;
    }
  }
  return nullptr;
}

// A phrase as it stands within padded words; empty where it matches any text.
std::string NeedleOf(absl::string_view phrase) {
  const bool any_ending = absl::ConsumeSuffix(&phrase, "*");
  const std::string words = WordsOf(phrase);
  if (words.empty()) return any_ending ? "" : " * ";  // no text has the latter
  return absl::StrCat(" ", words, any_ending ? "" : " ");
}

const FoundText* FindWords(const Prepared& texts, const std::vector<std::string>& needles) {
  for (const std::string& needle : needles) {
    for (const auto& [words, found] : texts) {
      if (absl::StrContains(words, needle)) return found;
    }
  }
  return nullptr;
}

struct Match {
  int rank;
  const v1::ConditionRule* rule;
  const FoundText* evidence;
};

std::optional<Match> MatchRule(const v1::ConditionRule& rule, const PreparedEvidence& evidence,
                               const std::vector<std::string>& needles) {
  for (const FoundText* found :
       {FindCode(evidence.mesh_terms, rule.mesh_terms()), FindWords(evidence.conditions, needles),
        FindCode(evidence.mesh_ancestors, rule.mesh_ancestors())}) {
    if (found != nullptr) return Match{rule.rank(), &rule, found};
  }
  if (const FoundText* found = FindWords(evidence.keywords, needles); found != nullptr) {
    return Match{std::max(1, rule.rank() - kKeywordRankLoss), &rule, found};
  }
  return std::nullopt;
}

bool IsConfinedTo(const ConditionEvidence& evidence, const v1::ConditionRule& rule) {
  const auto& allowed = rule.only_age_groups();
  return !evidence.age_groups.empty() &&
         std::all_of(evidence.age_groups.begin(), evidence.age_groups.end(), [&](auto group) {
           return std::find(allowed.begin(), allowed.end(), group) != allowed.end();
         });
}

void AddHighest(const std::vector<Match>& matches, std::vector<FoundSpeciality>* found) {
  int highest = 0;
  for (const Match& match : matches) highest = std::max(highest, match.rank);
  for (const Match& match : matches) {
    const std::string& speciality = match.rule->speciality();
    const bool known = std::any_of(found->begin(), found->end(), [&](const auto& other) {
      return other.speciality == speciality;
    });
    if (match.rank < highest || known) continue;
    found->push_back({speciality, match.rule, *match.evidence});
  }
}

}  // namespace

bool HasPhrase(absl::string_view text, absl::string_view phrase) {
  return absl::StrContains(PaddedWords(text), NeedleOf(phrase));
}

bool IsMeshDescriptor(absl::string_view id) {
  std::int64_t number = 0;
  return id.size() >= 7 && id.size() <= 12 && id[0] == 'D' &&
         std::all_of(id.begin() + 1, id.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(id.substr(1), &number);
}

std::string NormalMeshId(absl::string_view id) {
  std::int64_t number = 0;
  if (!IsMeshDescriptor(id) || !absl::SimpleAtoi(id.substr(1), &number)) return std::string(id);
  return number <= kLastSixDigitDescriptor ? absl::StrFormat("D%06d", number)
                                           : absl::StrFormat("D%09d", number);
}

std::vector<FoundSpeciality> FindSpecialities(
    const google::protobuf::RepeatedPtrField<v1::ConditionRule>& rules,
    const ConditionEvidence& evidence) {
  const PreparedEvidence prepared(evidence);
  std::vector<Match> by_condition;
  std::vector<Match> by_title;
  std::vector<Match> by_population;
  for (const v1::ConditionRule& rule : rules) {
    const bool of_population = !rule.only_age_groups().empty();
    if (of_population && !IsConfinedTo(evidence, rule)) continue;
    std::vector<std::string> needles;
    for (const std::string& phrase : rule.words()) needles.push_back(NeedleOf(phrase));
    if (const auto match = MatchRule(rule, prepared, needles); match.has_value()) {
      (of_population ? by_population : by_condition).push_back(*match);
    } else if (!of_population) {
      const FoundText* found = FindWords(prepared.titles, needles);
      if (found != nullptr) by_title.push_back({rule.rank(), &rule, found});
    }
  }
  std::vector<FoundSpeciality> found;
  AddHighest(by_condition.empty() ? by_title : by_condition, &found);
  AddHighest(by_population, &found);
  return found;
}

}  // namespace trialgate::intake
