#include "services/intake/revealing_text.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
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
// Names and numbers this long are found within words, too: no other word holds them by chance.
constexpr std::size_t kMinPartBytes = 8;
constexpr std::size_t kMinNumberPartBytes = 6;

// Words at the end of a company's name that are no part of it. "A/S" folds to "a" and "s".
const std::set<std::string>& LegalForms() {
  static const auto* const kForms = new std::set<std::string>(
      {"a",    "ab",   "ag",   "amba", "aps", "as",  "asa",     "bv",           "co",
       "corp", "gmbh", "i",    "inc",  "ivs", "k",   "kg",      "limited",      "llc",
       "llp",  "ltd",  "nv",   "oy",   "oyj", "p",   "plc",     "incorporated", "pty",
       "s",    "sa",   "sarl", "sas",  "se",  "spa", "company", "corporation",  "v"});
  return *kForms;
}

// The name without legal form, initials before it, and remarks in brackets behind it, as one run of
// letters and digits.
std::string CoreOf(absl::string_view name) {
  const std::size_t bracket = name.find(" (");
  std::vector<std::string> words = LookalikeWords(bracket == 0 ? name : name.substr(0, bracket));
  while (words.size() > 1 && LegalForms().count(words.back()) > 0) words.pop_back();
  while (words.size() > 1 && words.front().size() == 1) words.erase(words.begin());
  return absl::StrJoin(words, "");
}

std::string RunOf(absl::string_view text) { return absl::StrJoin(LookalikeWords(text), ""); }

// Whether `core` begins with the word at `at` and ends with a word, perhaps in the genitive.
bool MatchesAt(const std::vector<std::string>& words, std::size_t at, absl::string_view core) {
  for (std::size_t i = at; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (core == word || absl::StrCat(core, "s") == word) return true;
    if (!absl::ConsumePrefix(&core, word)) return false;
  }
  return false;
}

bool ContainsWords(const std::vector<std::string>& words, const std::string& core) {
  if (core.size() < kMinNameBytes) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (MatchesAt(words, i, core)) return true;
  }
  return false;
}

bool ContainsCore(const std::vector<std::string>& words, const std::string& core) {
  if (ContainsWords(words, core)) return true;
  return core.size() >= kMinPartBytes && absl::StrContains(absl::StrJoin(words, ""), core);
}

bool ContainsNumber(const std::vector<std::string>& words, const std::string& run) {
  if (ContainsWords(words, run)) return true;
  const bool has_digit = std::any_of(run.begin(), run.end(), absl::ascii_isdigit);
  return has_digit && run.size() >= kMinNumberPartBytes &&
         absl::StrContains(absl::StrJoin(words, ""), run);
}

// The person's whole name and its last word, as runs: a first name alone tells nobody.
std::vector<std::string> SubmitterNames(const v1::TrialRequest& request) {
  const std::vector<std::string> words = LookalikeWords(request.submitter().display_name());
  if (words.empty()) return {};
  return {absl::StrJoin(words, ""), words.back()};
}

void CheckSubmitter(const std::string& field, const std::vector<std::string>& words,
                    const std::vector<std::string>& names, FieldFaults* faults) {
  if (std::any_of(names.begin(), names.end(),
                  [&](const std::string& name) { return ContainsWords(words, name); })) {
    faults->Add(field, v1::ERROR_REASON_REVEALS_IDENTITY,
                "must not contain the name of the person whose idea it is: other desks read it");
  }
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
    for (const v1::Code& id : request.external_ids()) ids_.push_back(RunOf(id.code()));
    submitter_ = SubmitterNames(request);
  }

  void Check(const std::string& field, absl::string_view text, FieldFaults* faults) const {
    const std::vector<std::string> words = LookalikeWords(text);
    const auto name = [&](const std::string& core) { return ContainsCore(words, core); };
    const auto number = [&](const std::string& run) { return ContainsNumber(words, run); };
    if (std::any_of(names_.begin(), names_.end(), name)) {
      faults->Add(field, v1::ERROR_REASON_REVEALS_IDENTITY,
                  "must not contain the requester's or sponsor's name: desks read it blinded");
    }
    if (std::any_of(ids_.begin(), ids_.end(), number)) {
      faults->Add(field, v1::ERROR_REASON_REVEALS_IDENTITY,
                  "must not contain an external id: desks read it blinded");
    }
    CheckSubmitter(field, words, submitter_, faults);
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> ids_;
  std::vector<std::string> submitter_;
};

}  // namespace

bool ContainsName(absl::string_view text, absl::string_view name) {
  return ContainsCore(LookalikeWords(text), CoreOf(name));
}

bool ContainsId(absl::string_view text, absl::string_view id) {
  return ContainsNumber(LookalikeWords(text), RunOf(id));
}

void CheckRevealing(absl::string_view field, absl::string_view text,
                    const v1::TrialRequest& request, const directory::DirectorySnapshot& directory,
                    FieldFaults* faults) {
  Revealing(request, directory).Check(std::string(field), text, faults);
}

void CheckNamesSubmitter(absl::string_view field, absl::string_view text,
                         const v1::TrialRequest& request, FieldFaults* faults) {
  CheckSubmitter(std::string(field), LookalikeWords(text), SubmitterNames(request), faults);
}

FieldFaults FindRevealingTexts(const v1::TrialRequest& request,
                               const directory::DirectorySnapshot& directory) {
  FieldFaults faults;
  const Revealing revealing(request, directory);
  revealing.Check("trial_request.blinded_title", request.blinded_title(), &faults);
  revealing.Check("trial_request.blinded_synopsis", request.blinded_synopsis(), &faults);
  if (!IsBlinded(request)) return faults;
  if (!request.title().empty() && RunOf(request.title()) == RunOf(request.blinded_title())) {
    faults.Add("trial_request.blinded_title", v1::ERROR_REASON_REVEALS_IDENTITY,
               "must not be the title: desks read it blinded");
  }
  for (int i = 0; i < request.conditions_size(); ++i) {
    const v1::Condition& condition = request.conditions(i);
    const std::string field = absl::StrCat("trial_request.conditions[", i, "]");
    revealing.Check(absl::StrCat(field, ".text"), condition.text(), &faults);
    for (int j = 0; j < condition.codes_size(); ++j) {
      const v1::Code& code = condition.codes(j);
      const std::string at = absl::StrCat(field, ".codes[", j, "]");
      revealing.Check(absl::StrCat(at, ".system"), code.system(), &faults);
      revealing.Check(absl::StrCat(at, ".code"), code.code(), &faults);
      revealing.Check(absl::StrCat(at, ".display"), code.display(), &faults);
    }
  }
  for (int i = 0; i < request.questions_size(); ++i) {
    const std::string field = absl::StrCat("trial_request.questions[", i, "]");
    revealing.Check(absl::StrCat(field, ".id"), request.questions(i).id(), &faults);
    revealing.Check(absl::StrCat(field, ".text"), request.questions(i).text(), &faults);
  }
  return faults;
}

}  // namespace trialgate::intake
