#include "services/intake/revealing_text.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/folded_text.h"
#include "services/intake/blinding.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

// Names of fewer letters and digits would be found in any text.
constexpr std::size_t kMinNameBytes = 3;

// Words at the end of a company's name that are no part of it. "A/S" folds to "a" and "s".
const std::set<std::string>& LegalForms() {
  static const auto* const kForms = new std::set<std::string>(
      {"a",    "ab",   "ag",   "amba", "aps", "as",  "asa",     "bv",           "co",
       "corp", "gmbh", "i",    "inc",  "ivs", "k",   "kg",      "limited",      "llc",
       "llp",  "ltd",  "nv",   "oy",   "oyj", "p",   "plc",     "incorporated", "pty",
       "s",    "sa",   "sarl", "sas",  "se",  "spa", "company", "corporation",  "v"});
  return *kForms;
}

// The name without legal form, as one run of letters and digits.
std::string CoreOf(absl::string_view name) {
  std::vector<std::string> words = FoldedWords(name);
  while (words.size() > 1 && LegalForms().count(words.back()) > 0) words.pop_back();
  return absl::StrJoin(words, "");
}

// Whether `core` begins with the word at `at` and ends with a word, perhaps in the genitive.
bool MatchesAt(const std::vector<std::string>& words, std::size_t at, absl::string_view core) {
  for (std::size_t i = at; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (core == word || absl::StrCat(core, "s") == word) return true;
    if (!absl::ConsumePrefix(&core, word)) return false;
  }
  return false;
}

bool ContainsCore(const std::vector<std::string>& words, const std::string& core) {
  if (core.size() < kMinNameBytes) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (MatchesAt(words, i, core)) return true;
  }
  return false;
}

// What must not be found in texts that desks read.
class Revealing {
 public:
  Revealing(const v1::TrialRequest& request, const directory::DirectorySnapshot& directory) {
    for (const std::string* name : {&request.requester(), &SponsorOf(request)}) {
      absl::string_view id = *name;
      if (absl::ConsumePrefix(&id, "organizations/")) names_.push_back(CoreOf(id));
      const v1::Organization* const organization = directory.FindOrganization(*name);
      if (organization != nullptr) names_.push_back(CoreOf(organization->display_name()));
    }
    for (const v1::Code& id : request.external_ids()) ids_.push_back(CoreOf(id.code()));
  }

  void Check(const std::string& field, absl::string_view text, FieldFaults* faults) const {
    const std::vector<std::string> words = FoldedWords(text);
    const auto found = [&](const std::string& core) { return ContainsCore(words, core); };
    if (std::any_of(names_.begin(), names_.end(), found)) {
      faults->Add(field, v1::ERROR_REASON_REVEALS_IDENTITY,
                  "must not contain the requester's or sponsor's name: desks read it blinded");
    }
    if (std::any_of(ids_.begin(), ids_.end(), found)) {
      faults->Add(field, v1::ERROR_REASON_REVEALS_IDENTITY,
                  "must not contain an external id: desks read it blinded");
    }
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> ids_;
};

}  // namespace

bool ContainsName(absl::string_view text, absl::string_view name) {
  return ContainsCore(FoldedWords(text), CoreOf(name));
}

FieldFaults FindRevealingTexts(const v1::TrialRequest& request,
                               const directory::DirectorySnapshot& directory) {
  FieldFaults faults;
  const Revealing revealing(request, directory);
  revealing.Check("trial_request.blinded_title", request.blinded_title(), &faults);
  revealing.Check("trial_request.blinded_synopsis", request.blinded_synopsis(), &faults);
  if (!IsBlinded(request)) return faults;
  for (int i = 0; i < request.conditions_size(); ++i) {
    revealing.Check(absl::StrCat("trial_request.conditions[", i, "].text"),
                    request.conditions(i).text(), &faults);
  }
  for (int i = 0; i < request.questions_size(); ++i) {
    revealing.Check(absl::StrCat("trial_request.questions[", i, "].text"),
                    request.questions(i).text(), &faults);
  }
  return faults;
}

}  // namespace trialgate::intake
