#include "services/routing/question_answers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/feasibility/field_rules.h"
#include "services/routing/directory_answer.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using directory::DirectorySnapshot;
using feasibility::Element;
using feasibility::FieldRules;
using feasibility::Presence;
using feasibility::Quoted;

constexpr int kMaxAnswers = 10'000;
constexpr std::size_t kTextBytes = 2048;
constexpr double kMaxNumber = 1e15;

// Question and site, of which there is one answer.
using Place = std::pair<std::string, std::string>;

const v1::Question* FindQuestion(const v1::TrialRequest& request, const std::string& id) {
  for (const v1::Question& question : request.questions()) {
    if (question.id() == id) return &question;
  }
  return nullptr;
}

// Whether the answer has the form that the question asks for.
bool HasForm(const v1::QuestionAnswer& answer, v1::QuestionType type) {
  switch (type) {
    case v1::QUESTION_TYPE_YES_NO:
      return answer.value_case() == v1::QuestionAnswer::kYes;
    case v1::QUESTION_TYPE_NUMBER:
      return answer.value_case() == v1::QuestionAnswer::kNumber;
    case v1::QUESTION_TYPE_DATE:
      return answer.value_case() == v1::QuestionAnswer::kDate;
    default:
      return answer.value_case() == v1::QuestionAnswer::kText;
  }
}

class Checker {
 public:
  Checker(const v1::TrialRequest& request, const std::set<std::string>& sites, FieldFaults* faults)
      : request_(request), sites_(sites), rules_(faults) {}

  void Check(const std::string& at, const v1::QuestionAnswer& answer) {
    rules_.Required(at + ".question", !answer.question().empty());
    const v1::Question* const question = FindQuestion(request_, answer.question());
    if (question != nullptr) {
      CheckSite(at + ".site", answer.site(), IsOfDesk(*question));
      CheckValue(at, answer, *question);
    } else if (!answer.question().empty()) {
      Add(at + ".question", v1::ERROR_REASON_UNKNOWN_VALUE,
          absl::StrCat(Quoted(answer.question()), " is no question of the request"));
    }
    if (!said_.emplace(answer.question(), answer.site()).second) {
      rules_.Duplicate(at + ".question", answer.question());
    }
    rules_.Text(at + ".comment", answer.comment(), kTextBytes, Presence::kOptional);
  }

 private:
  void CheckSite(const std::string& at, const std::string& site, bool of_desk) {
    if (of_desk) {
      if (site.empty()) return;
      Add(at, v1::ERROR_REASON_CONTRADICTION, "must be absent: the question is asked of the desk");
      return;
    }
    rules_.Required(at, !site.empty());
    if (site.empty() || sites_.count(site) > 0) return;
    Add(at, v1::ERROR_REASON_UNKNOWN_VALUE,
        absl::StrCat(Quoted(site), " is neither asked about nor offered"));
  }

  void CheckValue(const std::string& at, const v1::QuestionAnswer& answer,
                  const v1::Question& question) {
    switch (answer.value_case()) {
      case v1::QuestionAnswer::VALUE_NOT_SET:
        rules_.Required(at + ".value", false);
        return;
      case v1::QuestionAnswer::kNotKnown:
        if (!answer.not_known()) {
          Add(at + ".not_known", v1::ERROR_REASON_OUT_OF_RANGE, "must be true, or absent");
        }
        return;
      default:
        break;
    }
    if (!HasForm(answer, question.type())) {
      Add(at + ".value", v1::ERROR_REASON_CONTRADICTION,
          absl::StrCat("must have the form that the question asks for, ",
                       v1::QuestionType_Name(question.type())));
    }
    if (answer.has_text()) {
      rules_.Text(at + ".text", answer.text(), kTextBytes, Presence::kRequired);
    } else if (answer.has_date()) {
      rules_.Date(at + ".date", answer.date(), Presence::kRequired);
    } else if (answer.has_number() && !(std::abs(answer.number()) <= kMaxNumber)) {
      Add(at + ".number", v1::ERROR_REASON_OUT_OF_RANGE, "must be from -10^15 to 10^15");
    }
  }

  void Add(const std::string& at, v1::ErrorReason reason, absl::string_view words) {
    rules_.faults().Add(at, reason, words);
  }

  const v1::TrialRequest& request_;
  const std::set<std::string>& sites_;
  const FieldRules rules_;
  std::set<Place> said_;
};

}  // namespace

bool IsOfDesk(const v1::Question& question) { return question.scope() == v1::QUESTION_SCOPE_DESK; }

FieldFaults CheckQuestionAnswers(const std::string& field, const QuestionAnswers& given,
                                 const v1::TrialRequest& request,
                                 const std::set<std::string>& sites) {
  FieldFaults faults;
  Checker checker(request, sites, &faults);
  const int count = FieldRules(&faults).Count(field, given.size(), kMaxAnswers);
  for (int i = 0; i < count; ++i) {
    if (!given.Get(i).prefilled()) checker.Check(Element(field, i), given.Get(i));
  }
  return faults;
}

QuestionAnswers CompleteAnswers(const QuestionAnswers& given, const v1::TrialRequest& request,
                                const std::vector<std::string>& sites, bool of_desk,
                                const DirectorySnapshot& directory) {
  std::map<Place, const v1::QuestionAnswer*> said;
  for (const v1::QuestionAnswer& answer : given) {
    if (!answer.prefilled()) said.emplace(Place(answer.question(), answer.site()), &answer);
  }
  QuestionAnswers all;
  const auto add = [&](const v1::Question& question, const std::string& site) {
    const auto found = said.find(Place(question.id(), site));
    if (found != said.end()) {
      *all.Add() = *found->second;
      all.rbegin()->clear_source();
      return;
    }
    const directory::SiteEntry* const entry = directory.FindSite(site);
    if (entry == nullptr) return;
    auto prefilled = AnswerFromDirectory(question, request, entry->site, directory);
    if (prefilled.has_value()) *all.Add() = *std::move(prefilled);
  };
  for (const v1::Question& question : request.questions()) {
    if (IsOfDesk(question)) {
      if (of_desk) add(question, "");
      continue;
    }
    for (const std::string& site : sites) add(question, site);
  }
  return all;
}

FieldFaults FindMissingAnswers(const std::string& field, const QuestionAnswers& answers,
                               const v1::TrialRequest& request,
                               const std::vector<std::string>& sites) {
  std::set<Place> said;
  for (const v1::QuestionAnswer& answer : answers) said.emplace(answer.question(), answer.site());
  FieldFaults faults;
  const auto demand = [&](const v1::Question& question, const std::string& site) {
    if (said.count(Place(question.id(), site)) > 0) return;
    const std::string of = site.empty() ? "" : absl::StrCat(" for ", site);
    faults.Add(field, v1::ERROR_REASON_REQUIRED,
               absl::StrCat("must answer question ", Quoted(question.id()), of,
                            ", or say that it is not known"));
  };
  for (const v1::Question& question : request.questions()) {
    if (IsOfDesk(question)) {
      demand(question, "");
      continue;
    }
    for (const std::string& site : sites) demand(question, site);
  }
  return faults;
}

}  // namespace trialgate::routing
